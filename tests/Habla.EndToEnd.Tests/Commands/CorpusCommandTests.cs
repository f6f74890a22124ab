using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

public sealed class CorpusCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Build_then_validate_then_split()
    {
        JsonElement built = Run("corpus", "build", "--out", "corpus", "--json").Expect(0).Json;
        JsonElement report = Run("corpus", "validate", "--input", "corpus", "--json").Expect(0).Json;
        JsonElement split = Run(
            "corpus", "split", "--input", "corpus/corpus.jsonl", "--policy", "cell", "--out", "cell", "--json").Expect(0).Json;

        Assert.Equal(42, built.GetProperty("seed").GetInt32());
        Assert.True(report.GetProperty("checks").GetArrayLength() >= 12);
        Assert.All(split.GetProperty("files").EnumerateArray(), file =>
            Assert.True(File.Exists(_folder.In("cell/" + file.GetProperty("path").GetString()))));
    }

    [Fact]
    public void Without_json_standard_output_stays_empty()
    {
        ProcessResult built = Run("corpus", "build", "--out", "corpus").Expect(0);

        Assert.Empty(built.Output);
        Assert.Contains("checks passed", built.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        foreach ((string folder, string seed) in ((string, string)[])[("a", "42"), ("b", "42"), ("c", "43")])
        {
            Run("corpus", "build", "--seed", seed, "--out", folder).Expect(0);
        }

        byte[] Bytes(string folder) => File.ReadAllBytes(_folder.In($"{folder}/corpus.jsonl"));
        Assert.Equal(Bytes("a"), Bytes("b"));
        Assert.NotEqual(Bytes("a"), Bytes("c"));
    }

    [Fact]
    public void Build_leaves_a_folder_of_somebody_else_alone()
    {
        Directory.CreateDirectory(_folder.In("mine"));
        File.WriteAllText(_folder.In("mine/notes.txt"), "keep");

        ProcessResult answer = Run("corpus", "build", "--out", "mine").Expect(2);

        Assert.Contains("mine", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["notes.txt"], Directory.GetFiles(_folder.In("mine")).Select(Path.GetFileName));
        Assert.Equal("keep", File.ReadAllText(_folder.In("mine/notes.txt")));
    }

    [Fact]
    public void Validate_finds_a_spoilt_row_and_names_file_line_and_id()
    {
        Run("corpus", "build", "--out", "corpus").Expect(0);
        string path = _folder.In("corpus/corpus.jsonl");
        string[] lines = File.ReadAllLines(path);
        string id = JsonDocument.Parse(lines[4]).RootElement.GetProperty("id").GetString()!;
        lines[4] = lines[4].Replace("\"seed\":42", "\"seed\":41", StringComparison.Ordinal);
        File.WriteAllLines(path, lines);

        ProcessResult answer = Run("corpus", "validate", "--input", "corpus/corpus.jsonl").Expect(1);

        Assert.Contains("corpus.jsonl:5", answer.Error, StringComparison.Ordinal);
        Assert.Contains(id, answer.Error, StringComparison.Ordinal);
        Assert.Contains("\"failed\"", File.ReadAllText(_folder.In("corpus/validation_report.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such", "corpus", "validate", "--input", "no-such")]
    [InlineData("no-such.jsonl", "corpus", "split", "--input", "no-such.jsonl", "--policy", "cell", "--out", "x")]
    [InlineData("verbs_4", "corpus", "split", "--policy", "vowels", "--out", "x")]
    [InlineData("--seed", "corpus", "build", "--seed", "x", "--out", "x")]
    public void Bad_input_exits_2_names_it_and_writes_nothing(string named, params string[] arguments)
    {
        ProcessResult answer = Run(arguments).Expect(2);

        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
        Assert.Empty(answer.Output);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private ProcessResult Run(params string[] arguments) => HablaProcess.RunIn(_folder.Path, arguments);
}
