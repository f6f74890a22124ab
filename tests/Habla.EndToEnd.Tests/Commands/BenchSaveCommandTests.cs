using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

public sealed class BenchSaveCommandTests
{
    [Fact]
    public void It_times_saves_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();

        JsonElement found = HablaProcess.RunIn(
            folder.Path, "bench", "save", "--preset", "lab", "--threads", "1", "--pairs", "2", "--out", folder.Path, "--json")
                .Expect(0).Json;

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Equal("lab", found.GetProperty("preset").GetString());
        Assert.All(
            (string[])["step_ms", "loop_ms", "step_with_save_ms", "write_ms", "share_of_a_step"],
            name => Assert.True(found.GetProperty(name).GetDouble() > 0, name));
        Assert.True(found.GetProperty("bytes").GetInt64() > 12 * found.GetProperty("parameters").GetInt64());
    }

    [Theory]
    [InlineData("there is no preset 'larg'", "--preset", "larg")]
    [InlineData("--pairs 0: expected a number above 0", "--pairs", "0")]
    public void It_refuses_what_it_cannot_measure(string message, params string[] options) =>
        Assert.Contains(message, HablaProcess.Run(["bench", "save", .. options]).Expect(2).Error, StringComparison.Ordinal);
}
