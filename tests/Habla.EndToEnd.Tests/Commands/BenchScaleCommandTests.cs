using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

public sealed class BenchScaleCommandTests
{
    [Fact]
    public void It_measures_what_it_is_asked_to_vary_and_writes_numbers_and_picture()
    {
        using var folder = new TemporaryFolder();

        ProcessResult result = HablaProcess.RunIn(
            folder.Path, "bench", "scale", "--vary", "threads", "--threads", "2", "--seconds", "0.001", "--out", "new/scale", "--json")
                .Expect(0);

        JsonElement[] points = [.. result.Json.GetProperty("points").EnumerateArray()];
        Assert.Equal([1, 2], points.Select(point => point.GetProperty("value").GetInt32()));
        Assert.All(points, point =>
        {
            Assert.Equal("threads", point.GetProperty("vary").GetString());
            Assert.Equal(2048, point.GetProperty("tokens").GetInt32());
            Assert.True(point.GetProperty("median_ms").GetDouble() > 0);
        });
        Assert.Equal(2, result.Json.GetProperty("base").GetProperty("threads").GetInt32());
        string written = File.ReadAllText(folder.In("new/scale/scale.json"));
        Assert.Equal(JsonSerializer.Serialize(result.Json), JsonSerializer.Serialize(JsonDocument.Parse(written).RootElement));
        Assert.True(
            File.Exists(folder.In("new/scale/scale.png"))
            || result.Error.Contains("scale.png was not drawn: gnuplot is not installed; install it with", StringComparison.Ordinal),
            result.Error);
    }

    [Fact]
    public void Without_gnuplot_it_goes_on_and_says_how_to_get_it()
    {
        using var folder = new TemporaryFolder();

        ProcessResult result = HablaProcess.RunIn(
            folder.Path, new Dictionary<string, string> { ["PATH"] = folder.Path },
            ["bench", "scale", "--vary", "threads", "--threads", "1", "--seconds", "0.001", "--out", "new"]).Expect(0);

        Assert.Contains(
            "scale.png was not drawn: gnuplot is not installed; install it with `apt-get install gnuplot-nox`\n", result.Error,
            StringComparison.Ordinal);
        Assert.Equal(["scale.json"], Directory.GetFiles(folder.In("new")).Select(Path.GetFileName));
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("'depth' cannot be varied; there are width, sequence_length, batch, threads", "--vary", "depth")]
    [InlineData("--seconds 0: expected a number above 0", "--seconds", "0")]
    [InlineData("this folder cannot be made", "--out", "taken")]
    public void Bad_input_is_refused_before_anything_is_measured(string problem, params string[] options)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("taken"), "");

        ProcessResult result = HablaProcess.RunIn(folder.Path, ["bench", "scale", .. options]).Expect(2);

        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.Equal(["taken"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }
}
