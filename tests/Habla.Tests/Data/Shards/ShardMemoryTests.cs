using System.Buffers.Binary;
using System.Globalization;
using Habla.Data;
using Habla.Data.Shards;

namespace Habla.Tests.Data.Shards;

/// <summary>Shards far larger than what a process takes of them.</summary>
public class ShardMemoryTests
{
    private const long Tokens = 400_000_000; // 800 MB, of which a file with a hole takes nothing on disk

    [Fact]
    public void Windows_over_all_of_a_large_shard_take_little_memory()
    {
        using var folder = new TemporaryFolder();
        string path = folder.In("shard-00000.habla");
        WriteHole(path);
        using TokenShards shards = TokenShards.Open(path);
        var data = new ShardDataset(shards, 255);
        IBatchSource batches = data.Batches(16, 7);
        Assert.Equal(Tokens - 255, data.Count);
        batches.Next();
        int[] ids = new int[64 << 10];
        (long managed, long file, long most) = (GC.GetAllocatedBytesForCurrentThread(), FileMemory(), 0);

        // Every page of the file, front to back, and then windows from everywhere in it.
        for (long start = 0; start + ids.Length <= Tokens; start += ids.Length)
        {
            shards.Copy(start, ids);
            most = start % (64 * ids.Length) == 0 ? Math.Max(most, FileMemory()) : most;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, 4 << 20); // maps made anew, status lines read
        for (int i = 0; i < 500; i++)
        {
            Assert.Equal(16, batches.Next().SampleIds.Distinct().Count());
            most = Math.Max(most, FileMemory());
        }

        // 128 MB, and half as much again for other tests that map files meanwhile.
        Assert.InRange(most - file, 0, TokenShards.MappedAtMost * 3 / 2);
    }

    /// <summary>What the process has mapped of files, in bytes; Linux tells, elsewhere it counts as nothing.</summary>
    private static long FileMemory() => !File.Exists("/proc/self/status") ? 0 : 1024 * File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("RssFile:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan(8, line.Length - 8 - 2).Trim(), CultureInfo.InvariantCulture)).Single();

    private static void WriteHole(string path)
    {
        var header = new ShardHeader
        {
            VocabularySize = 100, SeparatorId = -1, Tokens = Tokens, Documents = 1, NameBytes = 0, Continues = false, Number = 0,
            TokenizerSha256 = new string('0', 64), ContentSha256 = new string('0', 64),
        };
        byte[] end = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(end, Tokens);
        using var file = new FileStream(path, FileMode.CreateNew);
        file.Write(header.ToBytes());
        file.SetLength(header.FileLength);
        file.Position = header.TableOffset + 16;
        file.Write(end);
    }
}
