using Habla.Corpus;
using Habla.Storage;

namespace Habla.Tests.Corpus;

public sealed class CorpusFolderTests : IDisposable
{
    private static readonly IReadOnlyList<CorpusRow> Rows = CorpusBuilder.Build(42);
    private readonly string _folder = Directory.CreateTempSubdirectory("habla-corpus-").FullName;

    private string Out => Path.Combine(_folder, "corpus");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_written_corpus_lists_every_file_with_its_hash_and_passes_every_check()
    {
        CorpusManifest manifest = CorpusFolder.WriteCorpus(Out, Rows, 42);
        string[] expected =
        [
            "corpus.jsonl",
            .. WireName.All<SplitPolicy>().SelectMany(policy => new[] { "train", "val", "test" }.Select(part => $"{policy}/{part}.jsonl")),
        ];
        Assert.Equal(expected, manifest.Files.Select(file => file.Path));
        Assert.All(manifest.Files, file => Assert.Equal(ContentHash.OfFile(Path.Combine(Out, file.Path)), file.Sha256));

        ValidationReport report = CorpusValidator.Validate(CorpusSources.Load(Out));
        Assert.True(report.Passed);
        Assert.All(report.Checks, check => Assert.Equal("passed", check.Status));
    }

    [Fact]
    public void Writing_twice_gives_the_same_bytes()
    {
        CorpusFolder.WriteCorpus(Out, Rows, 42);
        Dictionary<string, string> first = Hashes();
        CorpusFolder.WriteCorpus(Out, CorpusBuilder.Build(42), 42);
        Assert.Equal(first, Hashes());
        Assert.Equal(14, first.Count);
    }

    [Fact]
    public void A_split_folder_stands_alone()
    {
        CorpusSplit split = CorpusSplitter.Split(Rows, SplitPolicy.VerbTense, 42);
        CorpusManifest manifest = CorpusFolder.WriteSplit(Out, split, "abc");
        Assert.Equal(("verb_tense", "abc", 42ul), (manifest.Policy, manifest.CorpusSha256, manifest.Seed));
        Assert.Equal(manifest.HeldOut!.Val, CorpusFolder.ReadManifest(Out)!.HeldOut!.Val);
        Assert.All(manifest.HeldOut.Val, pair =>
            Assert.DoesNotContain(split.Train, row => $"{row.VerbLemma}/{WireName.Of(row.Tense)}" == pair));
        Assert.True(CorpusValidator.Validate(CorpusSources.Load(Out)).Passed);
    }

    [Fact]
    public void A_changed_or_missing_file_is_found_by_its_hash()
    {
        CorpusFolder.WriteCorpus(Out, Rows, 42);
        File.AppendAllText(Path.Combine(Out, "cell", "val.jsonl"), "\n");
        CheckResult check = CorpusValidator.Validate(CorpusSources.Load(Out)).Checks.Single(check => check.Name == "files_match_manifest");
        Assert.Contains("val.jsonl", Assert.Single(check.Problems).File, StringComparison.Ordinal);
        File.Delete(Path.Combine(Out, "cell", "val.jsonl"));
        Assert.Throws<InvalidInputException>(() => CorpusSources.Load(Out));
    }

    [Fact]
    public void A_folder_that_holds_something_else_is_left_alone_unless_forced()
    {
        Directory.CreateDirectory(Out);
        string mine = Path.Combine(Out, "mine.txt");
        File.WriteAllText(mine, "keep");
        var error = Assert.Throws<InvalidInputException>(() => CorpusFolder.WriteCorpus(Out, Rows, 42));
        Assert.Contains("--force", error.Message, StringComparison.Ordinal);
        Assert.Equal([mine], Directory.GetFileSystemEntries(Out));

        CorpusFolder.WriteCorpus(Out, Rows, 42, force: true);
        Assert.Equal("keep", File.ReadAllText(mine));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"made_by":"someone","schema_version":1,"seed":1,"files":[]}""")]
    [InlineData("""{"made_by":"habla corpus","schema_version":2,"seed":1,"files":[]}""")]
    [InlineData("""{"made_by":"habla corpus","schema_version":1,"seed":1,"files":[null]}""")]
    public void A_foreign_manifest_is_no_permission(string manifest)
    {
        Directory.CreateDirectory(Out);
        File.WriteAllText(Path.Combine(Out, CorpusManifest.FileName), manifest);
        Assert.Throws<InvalidInputException>(() => CorpusFolder.WriteCorpus(Out, Rows, 42));
        Assert.Throws<InvalidInputException>(() => CorpusFolder.ReadManifest(Out));
    }

    [Fact]
    public void A_file_or_an_empty_folder_is_no_corpus()
    {
        File.WriteAllText(Out, "");
        Assert.Throws<InvalidInputException>(() => CorpusFolder.WriteCorpus(Out, Rows, 42));
        Assert.Contains(
            "corpus.jsonl", Assert.Throws<InvalidInputException>(() => CorpusSources.Load(_folder)).Message, StringComparison.Ordinal);
    }

    private Dictionary<string, string> Hashes() =>
        Directory.GetFiles(Out, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(path => path, ContentHash.OfFile);
}
