"""What a form's pages show and what its moves judge."""
