namespace Habla.BytePairs;

/// <summary>The pieces of <see cref="SplitPattern.Gpt2"/>, its alternatives in their order.</summary>
internal static class Gpt2Scanner
{
    public static int NextPiece(ReadOnlySpan<byte> text)
    {
        // 's|'t|'re|'ve|'m|'ll|'d
        if (text[0] == '\'' && Contraction(text) is var contraction and > 0)
        {
            return contraction;
        }

        //  ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+
        int start = text[0] == ' ' ? 1 : 0;
        if (start < text.Length)
        {
            CharacterClass kind = CharacterClasses.At(text, start, out int length);
            if (kind < CharacterClass.Space)
            {
                return CharacterClasses.EndOfRun(text, start + length, kind);
            }
        }

        return WhiteSpace.Piece(text, linesApart: false);
    }

    private static int Contraction(ReadOnlySpan<byte> text) => text[1..] switch
    {
        [(byte)'s' or (byte)'t' or (byte)'m' or (byte)'d', ..] => 2,
        [(byte)'r' or (byte)'v', (byte)'e', ..] or [(byte)'l', (byte)'l', ..] => 3,
        _ => 0,
    };
}
