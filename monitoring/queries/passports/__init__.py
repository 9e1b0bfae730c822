"""What the catalogue means here: passports, words, what is collected, a new year's file."""
