using System.Text.Json;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class MetricsFileTests
{
    [Fact]
    public void Holds_five_parallel_arrays_with_null_where_nothing_was_evaluated()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "training_metrics.json");
        var metrics = new MetricsFile(path, [new StepMetrics(1, 0, 4.5, 1e-4, 2, 100)], TimeProvider.System);
        metrics.Add(new StepMetrics(2, 1, 4.25, 2e-4, 2, 100, 4.75));
        metrics.Write();

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement root = json.RootElement;
        Assert.Equal(["train_loss", "val_loss", "learning_rate", "epochs", "steps"], root.EnumerateObject().Select(part => part.Name));
        Assert.Equal([4.5, 4.25], root.GetProperty("train_loss").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Equal(
            [JsonValueKind.Null, JsonValueKind.Number], root.GetProperty("val_loss").EnumerateArray().Select(value => value.ValueKind));
        Assert.Equal([0, 1], root.GetProperty("epochs").EnumerateArray().Select(value => value.GetInt32()));
        Assert.Equal([1, 2], root.GetProperty("steps").EnumerateArray().Select(value => value.GetInt32()));
    }

    [Fact]
    public void Is_written_at_most_once_a_second()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "training_metrics.json");
        var clock = new Clock();
        var metrics = new MetricsFile(path, [], clock);
        metrics.Add(new StepMetrics(1, 0, 4, 1e-4, 2, 100));
        Assert.False(File.Exists(path));
        clock.Now += TimeSpan.TicksPerSecond;
        metrics.Add(new StepMetrics(2, 0, 4, 1e-4, 2, 100));
        Assert.True(File.Exists(path));
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
