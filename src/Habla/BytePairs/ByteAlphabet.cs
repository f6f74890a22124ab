namespace Habla.BytePairs;

/// <summary>
/// GPT-2's way to write bytes as visible characters, which tokenizer files use: bytes that Latin-1 shows stand for themselves, the
/// other 68 are U+0100 and up, in their order. So a space is Ġ and a line feed Ċ.
/// </summary>
public static class ByteAlphabet
{
    private static readonly char[] s_characters = Assign();
    private static readonly Dictionary<char, byte> s_bytes =
        s_characters.Select((character, value) => (character, (byte)value)).ToDictionary();

    /// <summary>The bytes in the order in which GPT-2 gives them ids from 0: those that stand for themselves, then the others.</summary>
    public static IReadOnlyList<byte> Gpt2Order { get; } =
        [.. Enumerable.Range(0, 256).OrderBy(value => s_characters[value]).Select(value => (byte)value)];

    /// <summary>The character of a byte.</summary>
    /// <param name="value">The byte.</param>
    public static char Character(byte value) => s_characters[value];

    /// <summary>The characters of a byte string.</summary>
    /// <param name="bytes">The bytes.</param>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[i] = s_characters[bytes[i]];
        }

        return new string(text);
    }

    /// <summary>The bytes that characters stand for.</summary>
    /// <param name="text">What <see cref="Write"/> gives.</param>
    /// <param name="bytes">The bytes; empty when a character stands for none.</param>
    /// <returns>Whether every character stands for a byte.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            if (!s_bytes.TryGetValue(text[i], out bytes[i]))
            {
                bytes = [];
                return false;
            }
        }

        return true;
    }

    private static char[] Assign()
    {
        char[] characters = new char[256];
        char next = '\u0100';
        for (int value = 0; value < characters.Length; value++)
        {
            bool isVisible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = isVisible ? (char)value : next++;
        }

        return characters;
    }
}
