using System.Text.Json.Nodes;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public class ManifestTests
{
    internal static Manifest Example { get; } = new()
    {
        Seed = 42,
        DataSeed = 7,
        Config = new JsonObject { ["model"] = new JsonObject { ["n_layer"] = 2 } },
        DataSha256 = new Dictionary<string, string> { ["val.jsonl"] = "b", ["train.jsonl"] = "a" },
        TokenizerSha256 = "c",
        CommandLine = ["habla", "train", "--out", "runs/é"],
        StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    [Fact]
    public void A_manifest_tells_what_it_is_first_and_sorts_what_has_no_order()
    {
        using var folder = new TemporaryFolder();
        string path = folder.In("manifest.json");
        (Example with { Hardware = new("A CPU", 2, 512, 1024), Versions = new("0.1.0", "10.0.0", "Linux") }).Write(path);
        Assert.Equal(
            """
            {
              "format": "habla-run",
              "format_version": 1,
              "status": "running",
              "seed": 42,
              "data_seed": 7,
              "versions": {
                "habla": "0.1.0",
                "dotnet": "10.0.0",
                "os": "Linux"
              },
              "git_sha": null,
              "config": {
                "model": {
                  "n_layer": 2
                }
              },
              "data_sha256": {
                "train.jsonl": "a",
                "val.jsonl": "b"
              },
              "tokenizer_sha256": "c",
              "hardware": {
                "cpu": "A CPU",
                "cores": 2,
                "simd_bits": 512,
                "memory_mb": 1024
              },
              "threads": 1,
              "command_line": [
                "habla",
                "train",
                "--out",
                "runs/é"
              ],
              "started_at": "2026-01-02T03:04:05+00:00",
              "ended_at": null,
              "weights_sha256": null,
              "weights_step": null,
              "stopped_early": false
            }

            """,
            File.ReadAllText(path));
    }

    [Fact]
    public void The_end_is_added_and_the_rest_reads_back()
    {
        using var folder = new TemporaryFolder();
        var end = new DateTimeOffset(2026, 1, 2, 3, 5, 0, TimeSpan.Zero);
        Example.Ended(RunStatus.Finished, new StoppedClock(end), "ff").Write(folder.In("manifest.json"));
        Manifest read = Manifest.Read(folder.In("manifest.json"));
        Assert.Equal((RunStatus.Finished, end, "ff"), (read.Status, read.EndedAt, read.WeightsSha256));
        Assert.Equal((42UL, 7UL, "a"), (read.Seed, read.DataSeed, read.DataSha256["train.jsonl"]));
        Assert.Equal(2, (int)read.Config["model"]!["n_layer"]!);
        Assert.Equal(Example.Hardware, read.Hardware);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nothing")]
    [InlineData("null")]
    public void What_is_no_manifest_is_refused(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("manifest.json"), content);
        string message = Assert.Throws<InvalidInputException>(() => Manifest.Read(folder.In("manifest.json"))).Message;
        Assert.StartsWith($"{folder.In("manifest.json")}: this is no manifest of a Habla run", message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_machine_and_this_program_can_be_told()
    {
        Assert.NotEmpty(Hardware.Current.Cpu);
        Assert.InRange(Hardware.Current.Cores, 1, 1 << 20);
        Assert.InRange(Hardware.Current.MemoryMb, 1, long.MaxValue);
        Assert.InRange(Hardware.PeakMemoryMb(), 1, 1e9);
        Assert.Matches(@"^\d+\.\d+\.\d+", SoftwareVersions.Current.Habla);
        Assert.StartsWith("10.", SoftwareVersions.Current.Dotnet, StringComparison.Ordinal);
    }
}
