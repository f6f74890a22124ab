using System.Buffers.Binary;
using System.Numerics;

namespace Habla.Tracking.TensorBoard;

/// <summary>
/// The frame around a message in an event file (TFRecord): its length in eight bytes, a checksum of these, the message, a checksum of
/// the message; all little-endian.
/// </summary>
internal static class EventRecord
{
    /// <summary>Bytes of a frame besides the message.</summary>
    public const int FrameBytes = sizeof(ulong) + (2 * sizeof(uint));

    private const uint MaskDelta = 0xa282ead8;

    /// <summary>Writes a message in its frame.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> message)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)message.Length);
        stream.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedChecksum(length));
        stream.Write(checksum);
        stream.Write(message);
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedChecksum(message));
        stream.Write(checksum);
    }

    /// <summary>CRC-32C (Castagnoli), turned and shifted, because a CRC over bytes that hold their own CRC tells little.</summary>
    public static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = Checksum(bytes);
        return BitOperations.RotateRight(crc, 15) + MaskDelta;
    }

    /// <summary>CRC-32C as it is published.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
