using System.Text;
using Habla.Tensors;

namespace Habla.Benchmarks;

/// <summary>
/// Text of any size that looks like English to a tokenizer: words follow Zipf's law (the r-th most frequent occurs in proportion to
/// 1/r) and are longer the rarer they are; there are sentences, capitals, commas, numbers and lines. The same seed gives the same text.
/// </summary>
internal sealed class ZipfText(ulong seed)
{
    private const int Words = 4_000_000, BlockSize = 1 << 16;
    private const double LogWords = 15.201804919084164; // ln(Words)
    private static readonly string[] s_onsets =
    [
        "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "w", "th", "st", "tr", "ch", "sh", "pl", "br", "gr", "qu", "v",
    ];

    private static readonly string[] s_vowels = ["a", "e", "i", "o", "u", "ea", "ou", "io"];
    private static readonly string[] s_codas = ["", "", "n", "r", "s", "t", "l", "nd", "st", "ck", "m", "d", "ng", "", "te", "p"];
    private readonly SeededRandom _text = new(seed, RandomPurpose.Corpus), _words = new(seed, RandomPurpose.Corpus, step: 1);

    /// <summary>Writes so many bytes, or a few more up to the end of a word.</summary>
    public void WriteTo(Stream stream, long bytes)
    {
        var block = new StringBuilder(BlockSize + 64);
        bool isStart = true;
        for (ulong index = 0; bytes > 0; index++)
        {
            PhiloxBlock random = _text.Block(index);
            isStart = Append(block, random, isStart);
            if (block.Length >= Math.Min(BlockSize, bytes))
            {
                stream.Write(Encoding.ASCII.GetBytes(block.ToString()));
                bytes -= block.Length;
                block.Clear();
            }
        }
    }

    /// <returns>Whether a sentence ended.</returns>
    private bool Append(StringBuilder block, PhiloxBlock random, bool isStart)
    {
        if (random.W2 % 60 == 0)
        {
            block.Append(random.W3 % 3000);
        }
        else
        {
            // Continuous Zipf: the logarithm of the rank is uniform.
            double uniform = ((((ulong)random.W0 << 32) | random.W1) >> 11) * (1.0 / (1L << 53));
            int start = block.Length;
            Spell(block, (int)PortableMath.Exp(uniform * LogWords));
            block[start] = isStart ? char.ToUpperInvariant(block[start]) : block[start];
        }

        (string ending, bool ends) = (random.W3 % 100) switch
        {
            < 6 => (". ", true),
            < 8 => (".\n", true),
            < 9 => ("?\n\n", true),
            < 18 => (", ", false),
            < 19 => ("'s ", false),
            < 20 => ("\n", false),
            _ => (" ", false),
        };
        block.Append(ending);
        return ends;
    }

    private void Spell(StringBuilder block, int rank)
    {
        PhiloxBlock letters = _words.Block((ulong)rank);
        int syllables = rank < 200 ? 1 : rank < 20_000 ? 2 : 3;
        for (int i = 0; i < syllables; i++)
        {
            uint word = i == 0 ? letters.W0 : i == 1 ? letters.W1 : letters.W2;
            block.Append(s_onsets[(int)(word % 24)]).Append(s_vowels[(int)((word >> 8) % 8)]).Append(s_codas[(int)((word >> 16) % 16)]);
        }
    }
}
