"""The one answer of a remark becomes the first reply of its thread."""

from django.db import migrations


def move_answers(apps, schema_editor):
    reply = apps.get_model("monitoring", "Reply")
    for thread in apps.get_model("monitoring", "Thread").objects.exclude(answer=""):
        fields = {"at": thread.answered_at} if thread.answered_at else {}
        reply.objects.create(thread=thread, text=thread.answer, by=thread.answered_by, **fields)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_collecting")]
    operations = [
        migrations.RunPython(move_answers, migrations.RunPython.noop),
        migrations.RemoveField("thread", "answer"),
        migrations.RemoveField("thread", "answered_at"),
        migrations.RemoveField("thread", "answered_by"),
    ]
