"""Suggestions by points: a rule that spoke for 重点关注 counts for ten, any other for one, so that what is suggested stays the same; reviews of classes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('care', '0011_fewer_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClassThreshold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='启用日期')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='停用日期')),
                ('attention_class', models.CharField(choices=[('key', '重点关注'), ('regular', '定期关注')], max_length=10, verbose_name='类别')),
                ('points', models.PositiveSmallIntegerField(verbose_name='满多少分')),
            ],
            options={
                'verbose_name': '类别分数线',
                'verbose_name_plural': '类别分数线',
                'ordering': ['-points', '-valid_from'],
                'constraints': [
                    models.UniqueConstraint(fields=('attention_class', 'valid_from'), name='threshold_once'),
                    models.CheckConstraint(condition=models.Q(('points__gte', 1)), name='threshold_positive'),
                ],
            },
        ),
        migrations.AlterModelOptions(
            name='suggestionrule',
            options={'ordering': ['-weight', 'key'], 'verbose_name': '类别建议规则', 'verbose_name_plural': '类别建议规则'},
        ),
        migrations.RemoveConstraint(
            model_name='occasionrule',
            name='occasion_trigger_known',
        ),
        migrations.AddField(
            model_name='occasionrule',
            name='opens',
            field=models.CharField(choices=[('occasion', '走访'), ('review', '类别复核')], db_default='occasion', default='occasion', max_length=10, verbose_name='开出'),
        ),
        migrations.AddField(
            model_name='suggestionrule',
            name='weight',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name='分值'),
        ),
        migrations.RunSQL("UPDATE care_suggestionrule SET weight = 10 WHERE attention_class = 'key'", migrations.RunSQL.noop, elidable=False),
        migrations.RemoveField(
            model_name='suggestionrule',
            name='attention_class',
        ),
        migrations.AlterField(
            model_name='occasionrule',
            name='occasion',
            field=models.CharField(blank=True, db_collation='C', max_length=20, verbose_name='走访事由'),
        ),
        migrations.AlterField(
            model_name='occasionrule',
            name='trigger',
            field=models.CharField(choices=[('event', '发生变动'), ('birthday', '生日'), ('festival', '节日'), ('season', '时令'), ('rhythm', '定期'), ('quarter', '每季度')], max_length=10, verbose_name='触发'),
        ),
        migrations.AddConstraint(
            model_name='occasionrule',
            constraint=models.CheckConstraint(condition=models.Q(('trigger__in', ['event', 'birthday', 'festival', 'season', 'rhythm', 'quarter'])), name='occasion_trigger_known'),
        ),
        migrations.AddConstraint(
            model_name='occasionrule',
            constraint=models.CheckConstraint(condition=models.Q(('opens', 'review'), models.Q(('occasion', ''), _negated=True), _connector='OR'), name='visits_have_an_occasion'),
        ),
        migrations.AddConstraint(
            model_name='suggestionrule',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gte', 1)), name='suggestion_weighs_something'),
        ),
    ]
