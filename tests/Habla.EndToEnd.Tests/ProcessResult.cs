using System.Text.Json;

namespace Habla.EndToEnd.Tests;

/// <summary>What a process said and answered.</summary>
internal sealed record ProcessResult(string Call, int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as the one JSON object that --json promises: a single line and nothing else.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.EndsWith("\n", Output, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', Output[..^1]);
            using JsonDocument document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Fails with everything the process said unless it answered as expected.</summary>
    public ProcessResult Expect(int exitCode)
    {
        Assert.True(exitCode == ExitCode, $"{Call}\nanswered {ExitCode}, expected {exitCode}\n{Output}{Error}");
        return this;
    }
}
