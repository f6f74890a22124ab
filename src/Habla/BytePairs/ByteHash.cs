using System.Buffers.Binary;

namespace Habla.BytePairs;

/// <summary>
/// A quick hash of short byte strings and of pairs of ids. No result depends on its values, only the time to find things.
/// </summary>
internal static class ByteHash
{
    private const ulong Odd = 0x9E3779B97F4A7C15, OtherOdd = 0xD6E8FEB86659FD93;

    /// <summary>Mixes 64 bits; every bit of the result depends on all of them.</summary>
    public static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value ^ OtherOdd, Odd, out ulong low);
        return high ^ low;
    }

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length * Odd;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        return Mix(hash ^ Rest(bytes));
    }

    /// <summary>Up to seven bytes as a number; the lengths being equal, different bytes give different numbers.</summary>
    public static ulong Rest(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes)
            | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) << 32),
        3 => (ulong)(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16)),
        2 => (ulong)(bytes[0] | (bytes[1] << 8)),
        1 => bytes[0],
        _ => 0,
    };
}
