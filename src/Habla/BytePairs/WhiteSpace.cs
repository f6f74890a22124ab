namespace Habla.BytePairs;

/// <summary>The alternatives for white space, which stand last in both patterns.</summary>
internal static class WhiteSpace
{
    /// <summary>
    /// <c>\s*[\r\n]+</c> if line ends stand apart, then <c>\s+(?!\S)|\s+</c>: a run up to its last line end; or all of it at the end of the
    /// text; or all but the last character, which then goes with what follows; or that one character.
    /// A run is read twice at most, once up to its last line end and once behind it.
    /// </summary>
    public static int Piece(ReadOnlySpan<byte> text, bool linesApart)
    {
        int end = 0, lastStart = 0, lines = 0;
        while (end < text.Length)
        {
            CharacterClass kind = CharacterClasses.At(text, end, out int length);
            if (kind < CharacterClass.Space)
            {
                break;
            }

            lastStart = end;
            end += length;
            lines = kind == CharacterClass.LineEnd ? end : lines;
        }

        if (linesApart && lines > 0)
        {
            return lines;
        }

        return end == text.Length || lastStart == 0 ? end : lastStart;
    }
}
