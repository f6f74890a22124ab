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
        using var metrics = new MetricsFile(path, [new StepMetrics(1, 0, 4.5, 1e-4, 2, 100)], TimeProvider.System);
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
        var clock = new HandClock();
        using var metrics = new MetricsFile(path, [], clock);
        metrics.Add(new StepMetrics(1, 0, 4, 1e-4, 2, 100));
        Assert.False(File.Exists(path));
        clock.Now += TimeSpan.TicksPerSecond;
        metrics.Add(new StepMetrics(2, 0, 4, 1e-4, 2, 100));
        metrics.Dispose(); // waits
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void A_file_that_takes_long_is_written_for_a_twentieth_of_the_time_at_most()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "training_metrics.json");
        var clock = new HandClock();

        // Going through the steps before takes ten seconds of this clock.
        using var metrics = new MetricsFile(path, Earlier(clock), clock);
        metrics.Write();
        File.Delete(path);
        AddAfter(189);
        Assert.False(File.Exists(path));
        AddAfter(1);
        Assert.True(File.Exists(path));

        void AddAfter(int seconds)
        {
            clock.Now += seconds * TimeSpan.TicksPerSecond;
            metrics.Add(new StepMetrics(2, 0, 4, 1e-4, 2, 100));
            metrics.Dispose(); // waits
        }

        static IEnumerable<StepMetrics> Earlier(HandClock clock)
        {
            yield return new StepMetrics(1, 0, 4, 1e-4, 2, 100);
            clock.Now += 10 * TimeSpan.TicksPerSecond;
        }
    }

    [Fact]
    public void What_goes_wrong_beside_the_caller_is_told_at_the_next_step()
    {
        using var folder = new TemporaryFolder();
        var clock = new HandClock();
        string log = Path.Combine(folder.Path, "log.jsonl");
        File.WriteAllText(log, "rubbish\n");
        using var metrics = new MetricsFile(Path.Combine(folder.Path, "metrics.json"), MetricLog.UpTo(log, 5), clock);
        clock.Now += TimeSpan.TicksPerSecond;
        metrics.Add(new StepMetrics(6, 0, 4, 1e-4, 2, 100));
        metrics.Dispose();
        string message = Assert.Throws<InvalidInputException>(() => metrics.Add(new StepMetrics(7, 0, 4, 1e-4, 2, 100))).Message;
        Assert.StartsWith($"{log}:1: ", message, StringComparison.Ordinal);
    }
}
