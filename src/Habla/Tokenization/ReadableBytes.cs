using System.Buffers;
using System.Globalization;
using System.Text;

namespace Habla.Tokenization;

/// <summary>Bytes as people read them: UTF-8 text where they are, <c>\xE2</c> where they are not.</summary>
internal static class ReadableBytes
{
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte value in bytes[..used])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{value:X2}");
                }
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }
}
