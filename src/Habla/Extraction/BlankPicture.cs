using System.Buffers.Binary;
using System.IO.Compression;

namespace Habla.Extraction;

/// <summary>Tells a page that was rendered all in one grey, which needs nobody to look for letters on it.</summary>
internal static class BlankPicture
{
    private const int HeaderAt = 8;
    private const int Grey8 = 0x0800;
    private const int Colour8 = 0x0802;

    /// <summary>
    /// Whether a PNG file of 8-bit greys, or of colours of 8 bits each, has one grey alone. False for other pictures, and for one that
    /// breaks off.
    /// </summary>
    public static bool IsOneGrey(byte[] png)
    {
        int form = png.Length < HeaderAt + 25 || png[HeaderAt + 20] != 0 ? 0
            : BinaryPrimitives.ReadUInt16BigEndian(png.AsSpan(HeaderAt + 16));
        if (form is not (Grey8 or Colour8))
        {
            return false;
        }

        int pixel = form == Grey8 ? 1 : 3;
        int width = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(HeaderAt + 8));
        int height = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(HeaderAt + 12));
        try
        {
            using var rows = new ZLibStream(new MemoryStream(Packed(png)), CompressionMode.Decompress);
            byte[] row = new byte[checked((width * pixel) + 1)];
            byte grey = 0;
            for (int y = 0; y < height; y++)
            {
                rows.ReadExactly(row);
                grey = y == 0 ? row[1] : grey;
                if (!IsOf(row, pixel, grey, isFirst: y == 0))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or OverflowException
            or ArgumentException or IndexOutOfRangeException)
        {
            return false;
        }
    }

    /// <summary>A row is held as differences from what is left of it or above it; of one grey each way has one outcome.</summary>
    private static bool IsOf(byte[] row, int pixel, byte grey, bool isFirst)
    {
        byte half = (byte)(grey - (grey / 2));
        (int first, int others) = row[0] switch
        {
            0 => (grey, grey),
            1 => (grey, 0),
            2 => isFirst ? (grey, grey) : (0, 0),
            3 => isFirst ? (grey, half) : (half, 0),
            4 => (isFirst ? grey : 0, 0),
            _ => (-1, 0),
        };
        return first >= 0 && !row.AsSpan(1, pixel).ContainsAnyExcept((byte)first) && !row.AsSpan(1 + pixel).ContainsAnyExcept((byte)others);
    }

    private static byte[] Packed(byte[] png)
    {
        using var packed = new MemoryStream();
        for (int at = HeaderAt; at + 12 <= png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (length < 0 || length > png.Length - at - 12)
            {
                break;
            }

            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                packed.Write(png, at + 8, length);
            }

            at += length + 12;
        }

        return packed.ToArray();
    }
}
