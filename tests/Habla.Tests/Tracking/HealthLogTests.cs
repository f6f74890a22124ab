using Habla.Storage;
using Habla.Tests.Storage;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public class HealthLogTests
{
    [Fact]
    public void A_resumed_log_keeps_what_the_checkpoint_knows_of_and_drops_a_half_line()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "health.jsonl");
        using (JsonLinesFile<HealthLine> log = HealthLog.Open(path, 0))
        {
            log.Append(new HealthLine(1, HealthLine.LayersKind, Layers: [new LayerSize("head", 1.5, null, null)]));
            log.Append(new HealthLine(40, "plateau", "it stands still"));
            log.Append(new HealthLine(60, "overfitting", "it overfits"));
        }

        Assert.Equal("{\"step\":40,\"kind\":\"plateau\",\"message\":\"it stands still\"}", File.ReadAllLines(path)[1]);
        File.AppendAllText(path, "{\"step\":61");
        Assert.Equal([1, 40, 60], HealthLog.Read(path).Select(line => line.Step));
        using (JsonLinesFile<HealthLine> log = HealthLog.Open(path, 50))
        {
            log.Append(new HealthLine(55, "plateau", "again"));
        }

        Assert.Equal([1, 40, 55], HealthLog.Read(path).Select(line => line.Step));
        Assert.Equal(new LayerSize("head", 1.5, null, null), Assert.Single(HealthLog.Read(path)[0].Layers!));
        HealthLog.Open(path, 0).Dispose();
        Assert.Empty(HealthLog.Read(path));
    }

    [Fact]
    public void Resuming_does_not_read_what_is_long_past()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "health.jsonl");
        File.WriteAllText(path, "{\"step\":8,\"kind\":\"plateau\"}\n{\"step\":9,\"kind\":\"plateau\"}\n");
        Hole.PutBefore(path);
        long before = new FileInfo(path).Length;
        HealthLog.Open(path, 8).Dispose();
        Assert.Equal("{\"step\":9,\"kind\":\"plateau\"}\n".Length, before - new FileInfo(path).Length);
    }

    [Fact]
    public void A_line_that_is_none_is_refused_by_its_number()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "health.jsonl");
        File.WriteAllText(path, "{\"step\":1,\"kind\":\"plateau\"}\nhello\n");
        Assert.StartsWith(
            $"{path}:2: ", Assert.Throws<InvalidInputException>(() => HealthLog.Read(path)).Message, StringComparison.Ordinal);
    }
}
