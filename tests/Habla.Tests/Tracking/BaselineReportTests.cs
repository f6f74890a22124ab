using System.Text.Json;
using Habla.Baselines;
using Habla.Plotting;
using Habla.Tests.Baselines;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class BaselineReportTests : IDisposable
{
    private static readonly BaselineResult Result = NgramBaseline.Run(
        NgramSamples.Sequences(seed: 1, count: 60), NgramSamples.Sequences(seed: 2, count: 20), NgramSamples.VocabularySize, 4);

    private readonly string _folder = Directory.CreateTempSubdirectory("habla-baseline-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_files_tell_the_best_model_and_how_it_was_tuned()
    {
        string? skipped = BaselineReport.Write(
            _folder, Result, "some made-up sequences", "./habla baseline --config x", new Gnuplot("no-such-gnuplot"));

        Assert.Contains("perplexity_vs_n.png was not drawn", skipped, StringComparison.Ordinal);
        string best = Result.Best.ValPpl.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture);
        string readme = File.ReadAllText(Path.Combine(_folder, "README.md"));
        Assert.Contains($"n = {Result.Best.Order}: **{best}**", readme, StringComparison.Ordinal);
        Assert.Contains("each tenth of train in turn was held out", readme, StringComparison.Ordinal);
        Assert.Contains("./habla baseline --config x", readme, StringComparison.Ordinal);
        Assert.DoesNotContain(".png", readme, StringComparison.Ordinal);

        using JsonDocument results = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "results.json")));
        Assert.Equal(Result.Best.ValPpl, results.RootElement.GetProperty("best").GetProperty("val_ppl").GetDouble());
        Assert.Equal(8, results.RootElement.GetProperty("rows").GetArrayLength());
        Assert.Equal("add_alpha", results.RootElement.GetProperty("rows")[0].GetProperty("family").GetString());
        Assert.True(results.RootElement.GetProperty("rows")[1].GetProperty("parameters")
            .GetProperty("discounts")[0].TryGetProperty("once", out _));
    }

    [Fact]
    public void The_numbers_can_be_read_back()
    {
        BaselineReport.Write(_folder, Result, "x", "y", new Gnuplot("no-such-gnuplot"));

        BaselineResult read = BaselineReport.Read(_folder);

        Assert.Equal(Result.Best.ValPpl, read.Best.ValPpl);
        Assert.Equal(Result.Rows[^1].Parameters.Discounts, read.Rows[^1].Parameters.Discounts!);
        Assert.Throws<InvalidInputException>(() => BaselineReport.Read(Path.Combine(_folder, "nothing")));
        File.WriteAllText(Path.Combine(_folder, "results.json"), "{}");
        Assert.Throws<InvalidInputException>(() => BaselineReport.Read(_folder));
    }

    [Fact]
    public void The_table_has_a_line_for_each_n_and_one_best()
    {
        string[] lines = BaselineReport.Table(Result).TrimEnd('\n').Split('\n');

        Assert.Equal(2 + 4, lines.Length);
        Assert.Single(lines, line => line.Contains("**", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Equal(lines[0].Count(letter => letter == '|'), line.Count(letter => letter == '|')));
    }
}
