using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Habla.Data.Shards;
using Habla.Tensors;

namespace Habla.Tests.Data.Shards;

/// <summary>A shard comes from anywhere: whatever is in it, it is read right or refused with a message that names it.</summary>
public sealed class DamagedShardTests : IDisposable
{
    private readonly ShardSample _sample = new();
    private readonly byte[] _sound;
    private readonly string _path;

    public DamagedShardTests()
    {
        _sample.Write(ShardSample.Documents(30), ShardSample.Tokenizer(), 1_000_000).Dispose();
        _path = _sample.In("shard-00000.habla");
        _sound = File.ReadAllBytes(_path);
    }

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(159)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(-1)]
    public void A_file_that_was_cut_off_is_refused(int length) =>
        Refused(_sound[..(length < 0 ? _sound.Length + length : length)], verify: false);

    [Fact]
    public void A_file_that_was_added_to_or_is_something_else_is_refused()
    {
        Refused([.. _sound, 0], verify: false);
        Refused(Encoding.UTF8.GetBytes(new string('a', 10_000)), verify: false);
        Assert.Contains("never finished", Refused([.. new byte[4096], .. _sound[4096..]], verify: false), StringComparison.Ordinal);
        File.Delete(_path);
        Assert.Contains("shard-00000", Assert.Throws<InvalidInputException>(() => TokenShards.Open(_path)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "not finished", Assert.Throws<InvalidInputException>(() => TokenShards.Open(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_bit_of_the_header_and_every_byte_of_the_rest_is_guarded()
    {
        for (int at = 0; at < 200; at++)
        {
            Refused(Changed(at, (byte)(1 << (at % 8))), verify: false);
        }

        for (int at = 200; at < _sound.Length; at += 13)
        {
            Refused(Changed(at, 0x40), verify: true);
        }
    }

    /// <summary>A header that somebody made to deceive: its own hash is right.</summary>
    [Theory]
    [InlineData(8, 4, 2)]
    [InlineData(12, 4, 4)]
    [InlineData(12, 4, 0)]
    [InlineData(16, 4, 0)]
    [InlineData(16, 4, -1)]
    [InlineData(16, 4, 65_537)]
    [InlineData(20, 4, -2)]
    [InlineData(20, 4, 100)]
    [InlineData(24, 8, 0)]
    [InlineData(24, 8, -1)]
    [InlineData(24, 8, long.MaxValue)]
    [InlineData(24, 8, long.MaxValue / 2)]
    [InlineData(24, 8, 1L << 61)]
    [InlineData(32, 8, 0)]
    [InlineData(32, 8, long.MaxValue)]
    [InlineData(32, 8, 1L << 60)]
    [InlineData(32, 8, 29)]
    [InlineData(40, 8, -1)]
    [InlineData(40, 8, long.MaxValue)]
    [InlineData(40, 8, 0)]
    [InlineData(48, 4, 2)]
    [InlineData(52, 4, -1)]
    [InlineData(56, 8, 0)]
    public void A_header_that_lies_is_refused(int at, int size, long value)
    {
        byte[] bytes = [.. _sound];
        if (size == 4)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), (int)value);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
        }

        SHA256.HashData(bytes.AsSpan(0, 128), bytes.AsSpan(128));
        Refused(bytes, verify: false);
    }

    /// <summary>A table that leads anywhere: the header is sound and only a whole verification would read the hash of the rest.</summary>
    [Fact]
    public void A_table_of_documents_that_lies_is_refused()
    {
        int table = Table();
        foreach (long value in (long[])[-1, 0, 1, 5_000, long.MaxValue, long.MinValue])
        {
            for (int entry = 0; entry <= 30; entry++)
            {
                foreach (int half in (int[])[0, 8])
                {
                    byte[] bytes = [.. _sound];
                    int at = table + (16 * entry) + half;
                    if (BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at)) != value)
                    {
                        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
                        RefusedOrRead(bytes);
                    }
                }
            }
        }
    }

    [Fact]
    public void An_id_outside_of_the_vocabulary_is_refused_where_it_is_read()
    {
        byte[] bytes = Changed(4096 + (2 * 17), 0xff);
        File.WriteAllBytes(_path, bytes);
        using TokenShards shards = TokenShards.Open(_path);
        shards.Copy(0, new int[17]);
        shards.Copy(18, new int[17]);
        Assert.Contains("token 17", Assert.Throws<InvalidInputException>(() => shards.Copy(10, new int[10])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_is_never_more_than_a_refusal()
    {
        var random = new SeededRandom(5, RandomPurpose.Corpus);
        for (uint round = 0; round < 400; round++)
        {
            byte[] bytes = [.. _sound];
            for (uint i = 0; i < 8; i++)
            {
                ulong number = (round * 16) + (2 * i);
                int at = random.Below(number, round % 2 == 0 ? 128 : bytes.Length);
                bytes[at] = (byte)random.Below(number + 1, 256);
            }

            SHA256.HashData(bytes.AsSpan(0, 128), bytes.AsSpan(128));
            RefusedOrRead(bytes);
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":1,"vocab_size":100,"dtype":"u16","tokenizer_sha256":"","shards":[null]}""")]
    [InlineData("""{"version":1,"vocab_size":100,"dtype":"u16","tokenizer_sha256":"","shards":[{"file":"../../etc/passwd"}]}""")]
    [InlineData("""{"version":1,"vocab_size":100,"dtype":"u16","tokenizer_sha256":"","shards":[{"file":"shard-00000.habla"}]}""")]
    [InlineData("""{"version":2,"vocab_size":100,"dtype":"u16","tokenizer_sha256":"","shards":[{"file":"shard-00000.habla"}]}""")]
    public void An_index_that_is_none_is_refused(string json)
    {
        File.WriteAllText(_sample.In("shards.json"), json);
        Assert.Contains(
            _sample.Folder, Assert.Throws<InvalidInputException>(() => TokenShards.Open(_sample.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_of_another_folder_or_place_is_refused()
    {
        using var other = new ShardSample();
        other.Write(ShardSample.Documents(30, seed: 2), ShardSample.Tokenizer(), 100).Dispose();
        File.Copy(other.In("shard-00000.habla"), _path, overwrite: true);
        Assert.Contains("shards.json", Assert.Throws<InvalidInputException>(() => TokenShards.Open(_sample.Folder)).Message, StringComparison.Ordinal);
        File.Copy(other.In("shard-00001.habla"), other.In("shard-00000.habla"), overwrite: true);
        Assert.Throws<InvalidInputException>(() => TokenShards.Open(other.Folder));
        File.Delete(other.In("shard-00001.habla"));
        Assert.Throws<InvalidInputException>(() => TokenShards.Open(other.Folder));
    }

    private byte[] Changed(int at, byte bits)
    {
        byte[] bytes = [.. _sound];
        bytes[at] ^= bits;
        return bytes;
    }

    private int Table()
    {
        long tokens = BinaryPrimitives.ReadInt64LittleEndian(_sound.AsSpan(24));
        return (int)((4096 + (2 * tokens) + 7) / 8 * 8);
    }

    private string Refused(byte[] bytes, bool verify)
    {
        File.WriteAllBytes(_path, bytes);
        string message = Assert.Throws<InvalidInputException>(() =>
        {
            using TokenShards shards = TokenShards.Open(_path);
            if (verify)
            {
                shards.Verify();
            }
        }).Message;
        Assert.Contains(_path, message, StringComparison.Ordinal);
        return message;
    }

    private void RefusedOrRead(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        try
        {
            using TokenShards shards = TokenShards.Open(_path);
            shards.CopyBeginnings(0, new bool[shards.Length]);
            _ = shards.SourceOf(shards.Length / 2);
            shards.Copy(0, new int[shards.Length]);
        }
        catch (InvalidInputException error)
        {
            Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        }
    }
}
