using Habla.Tests.Storage;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

public sealed class MlflowSpoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.In("spool.jsonl");

    [Fact]
    public void An_entry_is_on_disk_when_it_has_been_added_and_reads_back_as_it_was()
    {
        using MlflowSpool spool = MlflowSpool.Open(Path, 0);
        spool.Append(new MlflowEntry
        {
            Kind = MlflowEntryKind.Start, Time = 7, Name = "n", User = "u",
            Params = new() { ["b"] = "2", ["a"] = "ñ\n" }, Tags = new() { ["t"] = "v" },
        });
        spool.Append(Step(1, ("loss", double.NaN), ("lr", 1e-5)));

        Assert.Equal(
            """
            {"kind":"start","time":7,"name":"n","user":"u","params":{"a":"ñ\n","b":"2"},"tags":{"t":"v"}}
            {"kind":"step","time":9,"step":1,"metrics":{"loss":"NaN","lr":1E-05}}

            """, File.ReadAllText(Path));
        IReadOnlyList<(MlflowEntry Entry, long End)> lines = MlflowSpool.Read(Path, 0);
        Assert.Equal(double.NaN, lines[1].Entry.Metrics!["loss"]);
        Assert.Equal(new FileInfo(Path).Length, lines[1].End);
        Assert.Equal(lines[1].Entry.Time, Assert.Single(MlflowSpool.Read(Path, lines[0].End)).Entry.Time);
    }

    [Fact]
    public void A_half_line_does_not_count_and_is_gone_when_the_spool_goes_on()
    {
        using (MlflowSpool spool = MlflowSpool.Open(Path, 0))
        {
            spool.Append(Step(1, ("loss", 1)));
        }

        File.AppendAllText(Path, "{\"kind\":\"step\",\"ti");
        Assert.Single(MlflowSpool.Read(Path, 0));
        using (MlflowSpool spool = MlflowSpool.Open(Path, 0))
        {
            spool.Append(Step(2, ("loss", 2)));
        }

        Assert.Equal([1, 2], MlflowSpool.Read(Path, 0).Select(line => line.Entry.Step!.Value));
    }

    [Fact]
    public void A_step_that_is_known_is_left_out_metric_by_metric()
    {
        using (MlflowSpool spool = MlflowSpool.Open(Path, 0))
        {
            spool.Append(Step(1, ("loss", 1), ("val", 1)));
            spool.Append(Step(2, ("loss", 2)));
        }

        using (MlflowSpool spool = MlflowSpool.Open(Path, 0))
        {
            spool.Append(Step(1, ("loss", 1), ("val", 1)));
            spool.Append(Step(2, ("loss", 2), ("val", 2)));
            spool.Append(Step(3, ("loss", 3)));
        }

        Assert.Equal(
            ["1 loss val", "2 loss", "2 val", "3 loss"],
            MlflowSpool.Read(Path, 0).Select(line => $"{line.Entry.Step} {string.Join(' ', line.Entry.Metrics!.Keys)}"));
    }

    [Fact]
    public void A_spool_that_goes_on_reads_its_first_entry_and_the_steps_that_are_done_again()
    {
        using (MlflowSpool spool = MlflowSpool.Open(Path, 0))
        {
            spool.Append(new MlflowEntry { Kind = MlflowEntryKind.Start, Time = 1 });
            Array.ForEach([3, 4, 5, 6], step => spool.Append(Step(step, (MlflowSpool.TrainLoss, step))));
            spool.Append(Step(5, ("val_loss", 5))); // of a part that validated elsewhere
        }

        Hole.PutBefore(Path, (int)MlflowSpool.Read(Path, 0)[0].End);
        using (MlflowSpool spool = MlflowSpool.Open(Path, afterStep: 4))
        {
            Assert.Equal((true, 5L), (spool.HasStart, spool.Last!.Step));
            long before = new FileInfo(Path).Length;
            spool.Append(Step(5, (MlflowSpool.TrainLoss, 5), ("val_loss", 5)));
            spool.Append(Step(6, (MlflowSpool.TrainLoss, 6)));
            Assert.Equal(before, new FileInfo(Path).Length);
            spool.Append(Step(6, ("val_loss", 6)));
            Assert.Equal(6, Assert.Single(MlflowSpool.Read(Path, before)).Entry.Metrics!["val_loss"]);
        }
    }

    [Fact]
    public void A_part_is_read_in_whole_lines_and_a_long_line_whole()
    {
        using MlflowSpool spool = MlflowSpool.Open(Path, 0);
        spool.Append(new MlflowEntry { Kind = MlflowEntryKind.Start, Time = 1, Name = new string('x', 5000) });
        spool.Append(Step(1, ("loss", 1)));
        spool.Append(Step(2, ("loss", 2)));

        Assert.Equal(5000, MlflowSpool.Read(Path, 0, most: 10)[0].Entry.Name!.Length);
        long start = MlflowSpool.Read(Path, 0)[0].End, line = MlflowSpool.Read(Path, 0)[1].End - start;
        Assert.Equal(1, Assert.Single(MlflowSpool.Read(Path, start, most: (int)line + 5)).Entry.Step);
        Assert.Empty(MlflowSpool.Read(Path, new FileInfo(Path).Length));
    }

    [Fact]
    public void Beginning_and_end_are_known_when_a_spool_is_opened_again()
    {
        using (MlflowSpool spool = MlflowSpool.Open(Path, 0))
        {
            Assert.Equal((false, null), (spool.HasStart, spool.Last));
            spool.Append(new MlflowEntry { Kind = MlflowEntryKind.Start, Time = 1 });
            spool.Append(new MlflowEntry { Kind = MlflowEntryKind.End, Time = 2, Status = "FINISHED" });
            spool.Append(new MlflowEntry { Kind = MlflowEntryKind.Artifact, Time = 3, File = "f" });
        }

        using MlflowSpool again = MlflowSpool.Open(Path, 0);
        Assert.Equal((true, MlflowEntryKind.End), (again.HasStart, again.Last!.Kind));
    }

    private static MlflowEntry Step(long step, params (string Key, double Value)[] metrics) => new()
    {
        Kind = MlflowEntryKind.Step, Time = 9, Step = step, Metrics = new(metrics.ToDictionary(one => one.Key, one => one.Value)),
    };

    public void Dispose() => _folder.Dispose();
}
