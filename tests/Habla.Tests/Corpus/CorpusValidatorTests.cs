using Habla.Corpus;

namespace Habla.Tests.Corpus;

/// <summary>For every check a corpus that is broken in the one way that the check is there to find.</summary>
public class CorpusValidatorTests
{
    private static readonly IReadOnlyList<CorpusRow> Rows = CorpusBuilder.Build(42);

    private static readonly Dictionary<string, Func<CorpusSources, CorpusSources>> Breaks = new()
    {
        ["schema"] = sources => sources with
        {
            Corpus = sources.Corpus with { Problems = [new RowProblem("corpus.jsonl", 3, "form/x", "key 'text' is missing")] },
        },
        ["id_format"] = Change("form/walk/past_simple/3sg", row => row with { Id = "form/walk/past/3sg" }),
        ["unique_ids"] = Change("form/walk/past_simple/3sg", row => row with { Id = "form/walk/past_simple/2sg" }),
        ["unique_fingerprints"] = WithRows(rows => [.. rows, rows[0] with { Id = "form/again" }]),
        ["fingerprints_match"] = Change("form/walk/past_simple/3sg", row => row with { Fingerprint = new string('0', 64) }),
        ["allowed_characters"] = Change("form/walk/past_simple/3sg", row => row with { Text = "he walked!" }),
        ["normal_text"] = Change(
            "context/walk/infinitive/1", row => row with { Text = row.Text.Replace(" to ", "  to ", StringComparison.Ordinal) }),
        ["one_seed"] = Change("form/walk/past_simple/3sg", row => row with { Seed = 7 }),
        ["verbs_match_table"] = Change("form/walk/past_simple/3sg", row => row with { EnglishRegularity = Regularity.Irregular }),
        ["persons_match_tenses"] = Change("form/walk/past_simple/3sg", row => row with { Person = null }),
        ["form_count"] = WithRows(rows => [.. rows.Skip(1)]),
        ["context_count"] = WithRows(
            rows => [.. rows.Where(row => row.Kind != RowKind.Context || row.Tense is not (Tense.FutureWill or Tense.FutureGoingTo))]),
        ["mis_conjugated_count"] = WithRows(rows => [.. rows.SkipLast(11)]),
        ["cell_coverage"] = WithRows(rows => [.. rows.Where(row => row.Id != "form/go/infinitive")]),
        ["context_coverage"] = WithRows(rows => [.. rows.Where(row => row.Kind != RowKind.Context || row.CellName != "go/infinitive")]),
        ["mis_conjugation_coverage"] = WithRows(rows => [.. rows.Where(row => row.MisConjugationType != MisConjugationType.DoubledPast)]),
        ["forms_match_table"] = Change("form/walk/past_simple/3sg", row => row with { Spanish = "él camino" }),
        ["contexts_hold_their_form"] = Change("context/walk/infinitive/1", row => row with { Spanish = "es bueno andar" }),
        ["contexts_name_one_verb"] = Change("context/walk/infinitive/1", row => row with { Text = row.Text + " and play" }),
        ["mistakes_are_mistakes"] = ChangeFirst(MisConjugationType.WrongAuxiliary, row => row with { CorrectForm = null }),
        ["mistakes_have_their_pair"] = ChangeFirst(MisConjugationType.WrongAuxiliary, row => row with { CorrectForm = "he has fallen" }),
        ["splits_complete"] = WithSplit((train, val, test) => (train.Skip(1), val, test)),
        ["splits_disjoint"] = WithSplit((train, val, test) => (train, val.Append(train.First()), test)),
        ["same_text_same_part"] = WithSplit(
            (train, val, test) => (train, val.Append(train.First() with { Id = "form/other", Spanish = "otro" }), test)),
        ["pairs_share_a_part"] = WithSplit((train, val, test) =>
            (train.Where(row => row.Label == RowLabel.Correct), val, test.Concat(train.Where(row => row.Label != RowLabel.Correct)))),
        ["held_out_is_unseen"] = WithSplit((train, val, test) => (train.Append(val.First()), val.Skip(1), test)),
        ["held_out_words_are_unseen"] = WithSplit((train, val, test) =>
            (train.Select(row => row.Id == "context/walk/infinitive/1" ? row with { Spanish = row.Spanish + " y comer" } : row),
                val, test)),
        ["files_match_manifest"] = sources => sources with
        {
            HasManifest = true, ManifestProblems = [new RowProblem("corpus.jsonl", 0, "", "has another SHA-256")],
        },
    };

    public static TheoryData<string> CheckNames => [.. CorpusValidator.CheckNames];

    [Theory]
    [MemberData(nameof(CheckNames))]
    public void Each_check_finds_what_it_is_there_for(string name)
    {
        ValidationReport report = CorpusValidator.Validate(Breaks[name](Whole()));
        CheckResult check = report.Checks.Single(check => check.Name == name);
        Assert.False(report.Passed);
        Assert.Equal("failed", check.Status);
        Assert.NotEmpty(check.Problems);
    }

    [Fact]
    public void A_good_corpus_passes_all_and_more_than_twelve_checks()
    {
        ValidationReport report = CorpusValidator.Validate(Whole());
        Assert.True(report.Passed);
        Assert.InRange(report.Checks.Count, 12, 100);
        Assert.Equal(report.Checks.Count, report.Checks.Select(check => check.Name).Distinct().Count());
        Assert.All(report.Checks.Where(check => check.Name != "files_match_manifest"), check => Assert.Equal("passed", check.Status));
    }

    [Fact]
    public void A_problem_names_file_line_and_id()
    {
        ValidationReport report = CorpusValidator.Validate(Breaks["forms_match_table"](Whole()));
        RowProblem problem = Assert.Single(report.Checks.Single(check => check.Name == "forms_match_table").Problems);
        int line = Rows.Index().Single(row => row.Item.Id == "form/walk/past_simple/3sg").Index + 1;
        Assert.Equal(
            $"corpus.jsonl:{line}: row 'form/walk/past_simple/3sg': spanish is 'él camino'; expected 'él caminó'", problem.ToString());
    }

    [Fact]
    public void Without_splits_their_checks_are_skipped_and_an_empty_corpus_fails_without_crashing()
    {
        ValidationReport alone = CorpusValidator.Validate(new CorpusSources { Input = "x", Corpus = CorpusScan.Of("x", Rows) });
        Assert.True(alone.Passed);
        Assert.Equal("skipped", alone.Checks.Single(check => check.Name == "splits_disjoint").Status);
        Assert.False(CorpusValidator.Validate(new CorpusSources { Input = "x", Corpus = CorpusScan.Of("x", []) }).Passed);
    }

    private static CorpusSources Whole() => new()
    {
        Input = "corpus",
        Corpus = CorpusScan.Of("corpus.jsonl", Rows),
        Splits = [.. Enum.GetValues<SplitPolicy>().Select(policy => SplitScan.Of(CorpusSplitter.Split(Rows, policy, 42)))],
    };

    private static Func<CorpusSources, CorpusSources> WithRows(Func<IReadOnlyList<CorpusRow>, IEnumerable<CorpusRow>> change) =>
        sources => sources with { Corpus = CorpusScan.Of("corpus.jsonl", change(Rows)) };

    private static Func<CorpusSources, CorpusSources> Change(string id, Func<CorpusRow, CorpusRow> change) =>
        WithRows(rows => rows.Select(row => row.Id == id ? change(row) : row));

    private static Func<CorpusSources, CorpusSources> ChangeFirst(MisConjugationType type, Func<CorpusRow, CorpusRow> change) =>
        Change(Rows.First(row => row.MisConjugationType == type).Id, change);

    private static Func<CorpusSources, CorpusSources> WithSplit(
        Func<IEnumerable<CorpusRow>, IEnumerable<CorpusRow>, IEnumerable<CorpusRow>,
            (IEnumerable<CorpusRow> Train, IEnumerable<CorpusRow> Val, IEnumerable<CorpusRow> Test)> change) => sources =>
    {
        CorpusSplit split = CorpusSplitter.Split(Rows, SplitPolicy.Verbs4, 42);
        (IEnumerable<CorpusRow> train, IEnumerable<CorpusRow> val, IEnumerable<CorpusRow> test) = change(
            split.Train, split.Val, split.Test);
        return sources with { Splits = [SplitScan.Of(split with { Train = [.. train], Val = [.. val], Test = [.. test] })] };
    };
}
