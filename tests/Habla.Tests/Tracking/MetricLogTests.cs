using Habla.Storage;
using Habla.Tests.Storage;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class MetricLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => _folder.In("train_log.jsonl");

    public void Dispose() => _folder.Dispose();

    private static StepMetrics Step(int step) => new(step, 0, 4.5, 3e-6, 1.25, 1000);

    private void WriteSteps(int count)
    {
        using JsonLinesFile<StepMetrics> log = MetricLog.Open(LogPath);
        for (int step = 1; step <= count; step++)
        {
            log.Append(Step(step));
        }
    }

    private static int JsonFormatLength(StepMetrics step) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(step, JsonFormat.Line).Length;

    [Fact]
    public void A_step_is_one_line_and_validation_appears_where_it_was_done()
    {
        using (JsonLinesFile<StepMetrics> log = MetricLog.Open(LogPath))
        {
            log.Append(Step(1));
            log.Append(new StepMetrics(2, 1, double.NaN, 6e-6, double.PositiveInfinity, 900.5, ValidationLoss: 0));
        }

        Assert.Equal(
            """
            {"step":1,"epoch":0,"loss":4.5,"lr":3E-06,"grad_norm":1.25,"tokens_per_s":1000}
            {"step":2,"epoch":1,"loss":"NaN","lr":6E-06,"grad_norm":"Infinity","tokens_per_s":900.5,"val_loss":0,"val_ppl":1}

            """,
            File.ReadAllText(LogPath));
    }

    [Fact]
    public void Every_line_is_in_the_file_when_Append_returns()
    {
        using JsonLinesFile<StepMetrics> log = MetricLog.Open(LogPath);
        for (int step = 1; step <= 100; step++)
        {
            log.Append(Step(step));
            Assert.Equal(step, MetricLog.Read(LogPath).Count);
        }
    }

    [Fact]
    public void What_is_written_reads_back()
    {
        var step = new StepMetrics(3, 1, double.NaN, 1.0 / 3, 2, 5, 1.5);
        using (JsonLinesFile<StepMetrics> log = MetricLog.Open(LogPath))
        {
            log.Append(step);
        }

        Assert.Equal(step, Assert.Single(MetricLog.Read(LogPath)));
    }

    [Fact]
    public void Beginning_anew_empties_the_log()
    {
        WriteSteps(3);
        WriteSteps(1);
        Assert.Single(MetricLog.Read(LogPath));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    public void Resuming_keeps_the_steps_up_to_the_checkpoint_and_cuts_a_half_line(int afterStep)
    {
        WriteSteps(5);
        string whole = File.ReadAllText(LogPath);
        File.AppendAllText(LogPath, "{\"step\":6,\"ep");
        Assert.Equal(5, MetricLog.Read(LogPath).Count);
        using (JsonLinesFile<StepMetrics> log = MetricLog.Open(LogPath, afterStep))
        {
            Assert.Equal(Enumerable.Range(1, Math.Min(afterStep, 5)).Select(Step), MetricLog.Read(LogPath));
            Assert.Equal(MetricLog.Read(LogPath).Take(3), MetricLog.UpTo(LogPath, 3));
            for (int step = Math.Min(afterStep, 5) + 1; step <= 5; step++)
            {
                log.Append(Step(step));
            }
        }

        Assert.Equal(whole, File.ReadAllText(LogPath));
    }

    [Fact]
    public void Resuming_does_not_read_what_is_long_past()
    {
        WriteSteps(5);
        Hole.PutBefore(LogPath);
        long before = new FileInfo(LogPath).Length;
        MetricLog.Open(LogPath, 3).Dispose();
        Assert.Equal(2 * (JsonFormatLength(Step(4)) + 1), before - new FileInfo(LogPath).Length);
    }

    [Fact]
    public void Resuming_without_a_log_begins_one()
    {
        MetricLog.Open(LogPath, 10).Dispose();
        Assert.Empty(MetricLog.Read(LogPath));
    }

    [Fact]
    public void A_line_that_is_no_step_is_named()
    {
        File.WriteAllText(LogPath, "{\"step\":1}\nrubbish\n");
        string message = Assert.Throws<InvalidInputException>(() => MetricLog.Read(LogPath)).Message;
        Assert.StartsWith($"{LogPath}:2: this line is no step of a training log: ", message, StringComparison.Ordinal);
    }
}
