using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

public sealed class BenchGenerateCommandTests
{
    [Fact]
    public void It_measures_float32_and_what_is_asked_for_beside_it_and_writes_numbers_and_picture()
    {
        using var folder = new TemporaryFolder();

        ProcessResult result = HablaProcess.RunIn(
            folder.Path, "bench", "generate", "--preset", "lab,nanogpt-cpu", "--quantize", "q8_0", "--threads", "2", "--seconds", "0.01",
            "--out", "new/speed", "--json").Expect(0);

        JsonElement[] found = [.. result.Json.GetProperty("results").EnumerateArray()];
        Assert.Equal(
            ["lab float32", "lab q8_0", "nanogpt-cpu float32", "nanogpt-cpu q8_0"],
            found.Select(one => $"{one.GetProperty("preset").GetString()} {one.GetProperty("weights").GetString()}"));
        Assert.All(found, one =>
        {
            foreach (string name in (string[])["prompt_tokens_per_s", "first_token_ms", "decode_tokens_per_s", "bandwidth_fraction"])
            {
                Assert.True(one.GetProperty(name).GetDouble() > 0, name);
            }
        });
        Assert.True(result.Json.GetProperty("stream_gb_per_s").GetDouble() > 0);
        Assert.True(result.Json.GetProperty("stream_gb_per_s_one_thread").GetDouble() > 0);
        string written = File.ReadAllText(folder.In("new/speed/inference_metrics.json"));
        Assert.Equal(JsonSerializer.Serialize(result.Json), JsonSerializer.Serialize(JsonDocument.Parse(written).RootElement));
        Assert.True(
            File.Exists(folder.In("new/speed/tokens_per_s.png"))
            || result.Error.Contains("tokens_per_s.png was not drawn: gnuplot is not installed", StringComparison.Ordinal),
            result.Error);
    }

    [Fact]
    public void Models_are_written_for_llama_cpp_and_nothing_is_measured()
    {
        using var folder = new TemporaryFolder();

        ProcessResult result = HablaProcess.RunIn(
            folder.Path, "bench", "generate", "--preset", "book", "--quantize", "q8_0", "--gguf", "models").Expect(0);

        Assert.Equal(
            ["book-float32.gguf", "book-q8_0.gguf"], Directory.GetFiles(folder.In("models")).Select(Path.GetFileName).Order());
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("there is no preset 'huge'", "--preset", "huge")]
    [InlineData("there is no format of weights 'q4_0'; there are float32, float16, q8_0", "--quantize", "q4_0")]
    [InlineData("--seconds 0: expected a number above 0", "--seconds", "0")]
    [InlineData("--out taken: this folder cannot be made", "--out", "taken")]
    [InlineData("--gguf taken: this folder cannot be made", "--gguf", "taken")]
    public void Bad_input_is_refused_before_anything_is_measured(string problem, params string[] options)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("taken"), "");

        ProcessResult result = HablaProcess.RunIn(folder.Path, ["bench", "generate", .. options]).Expect(2);

        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("memory is read", result.Error, StringComparison.Ordinal);
    }
}
