using Habla.Tracking;
using Habla.Tracking.TensorBoard;

namespace Habla.Tests.Tracking.TensorBoard;

public sealed class TensorBoardLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HandClock _clock = new();

    private string Board => _folder.In("tensorboard");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_holds_its_version_a_start_and_the_numbers_of_each_step()
    {
        using (TensorBoardLog log = TensorBoardLog.Begin(Board, 0, _clock))
        {
            log.Add(new StepMetrics(1, 0, 4.5, 1e-4, 2.25, 1000));
            log.Add(new StepMetrics(2, 0, double.NaN, 2e-4, double.PositiveInfinity, 1e12, 4.75));
        }

        string file = Assert.Single(EventFileReader.Files(Board));
        Assert.Equal($"events.out.tfevents.1700000000.{Environment.MachineName}", Path.GetFileName(file));
        List<Event> events = EventFileReader.Read(file);
        Assert.Equal(4, events.Count);
        Assert.All(events, read => Assert.Equal(1_700_000_000.25, read.WallTime));
        Assert.Equal(("brain.Event:2", 0L), (events[0].FileVersion, events[0].Step));
        Assert.Equal((SessionLog.Types.SessionStatus.Start, 1L), (events[1].SessionLog.Status, events[1].Step));
        Assert.Equal(
            [
                (1, "loss/train", 4.5f), (1, "learning_rate", 1e-4f), (1, "gradient_norm", 2.25f), (1, "tokens_per_second", 1000f),
                (2, "loss/train", float.NaN), (2, "loss/validation", 4.75f), (2, "learning_rate", 2e-4f),
                (2, "gradient_norm", float.PositiveInfinity), (2, "tokens_per_second", 1e12f),
            ],
            EventFileReader.Shown(Board));
    }

    [Fact]
    public void Steps_are_written_once_a_second_and_always_whole()
    {
        using TensorBoardLog log = TensorBoardLog.Begin(Board, 0, _clock);
        Assert.Equal(2, EventFileReader.Read(log.FilePath).Count);
        log.Add(Step(1));
        log.Add(Step(2));
        Assert.Equal(2, EventFileReader.Read(log.FilePath).Count);
        _clock.Now += TimeSpan.TicksPerSecond;
        log.Add(Step(3));
        Assert.Equal(5, EventFileReader.Read(log.FilePath).Count);
        log.Add(Step(4));
        Assert.Equal(5, EventFileReader.Read(log.FilePath).Count);
        log.Flush();
        Assert.Equal(6, EventFileReader.Read(log.FilePath).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-1000)]
    public void A_resumed_run_begins_a_later_file_that_takes_the_place_of_what_was_beyond_the_checkpoint(int clockMoves)
    {
        using (TensorBoardLog first = TensorBoardLog.Begin(Board, 0, _clock))
        {
            for (int step = 1; step <= 7; step++)
                first.Add(Step(step));
        }

        _clock.Now += clockMoves * TimeSpan.TicksPerSecond;
        using (TensorBoardLog second = TensorBoardLog.Begin(Board, 4, _clock))
            second.Add(Step(5, loss: 0.5));

        Assert.Equal(2, EventFileReader.Files(Board).Length);
        Assert.Equal(7 + 2, EventFileReader.Read(EventFileReader.Files(Board)[0]).Count);
        Assert.Equal(
            [(1, 3f), (2, 3f), (3, 3f), (4, 3f), (5, 0.5f)],
            EventFileReader.Shown(Board).Where(point => point.Tag == "loss/train").Select(point => (point.Step, point.Value)));
    }

    [Fact]
    public void Replacing_a_run_deletes_event_files_and_nobody_elses()
    {
        TensorBoardLog.Begin(Board, 0, _clock).Dispose();
        File.WriteAllText(Path.Combine(Board, "notes.txt"), "mine");
        EventFiles.DeleteFrom(Board);
        Assert.Equal([Path.Combine(Board, "notes.txt")], Directory.EnumerateFileSystemEntries(Board));
        File.Delete(Path.Combine(Board, "notes.txt"));
        EventFiles.DeleteFrom(Board);
        Assert.False(Directory.Exists(Board));
        EventFiles.DeleteFrom(Board);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_told_with_what_to_do()
    {
        File.WriteAllText(Board, "a file");
        string message = Assert.Throws<InvalidInputException>(() => TensorBoardLog.Begin(Board, 0, _clock)).Message;
        Assert.StartsWith($"{Board}: cannot write TensorBoard's events: ", message, StringComparison.Ordinal);
        Assert.EndsWith("(tracking.tensorboard: false)", message, StringComparison.Ordinal);
    }

    private static StepMetrics Step(int step, double loss = 3) => new(step, 0, loss, 1e-3, 1, 100);
}
