using System.Text;

namespace Habla.Tokenization;

/// <summary>Makes a tokenizer from text. The same options and text give the same file, byte for byte.</summary>
public static class TokenizerTrainer
{
    /// <summary>Trains a tokenizer of exactly the vocabulary size asked for.</summary>
    /// <param name="options">Kind, size and special tokens.</param>
    /// <param name="text">The text to learn from; held-out text must not be part of it.</param>
    /// <exception cref="InvalidInputException">
    /// An option is impossible, or the text cannot give so many tokens; the message names both numbers.
    /// </exception>
    public static Tokenizer Train(TokenizerOptions options, TrainingText text)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(text);
        options.Validate();
        List<string> pieces = BasePieces(options, text);
        bool isBpe = options.Kind == "bpe";
        if (isBpe ? pieces.Count > options.VocabularySize : pieces.Count != options.VocabularySize)
        {
            throw new InvalidOptionException(
                "tokenizer.vocab_size",
                $"{options.VocabularySize} does not fit: the characters of the "
                    + $"text{(options.SpecialTokens ? " and the special tokens" : "")} "
                + $"are {pieces.Count} tokens; {(isBpe ? "ask for at least" : "a character tokenizer has exactly")} {pieces.Count}");
        }

        // A line gets two tokens more when it becomes a sequence: one that begins and one that ends it.
        int limit = Math.Max(0, (options.FitTokens ?? text.FitTokens) - 2);
        var trainer = new BpeTrainer(pieces, text.Lines, limit);
        trainer.LearnUntil(options.VocabularySize);
        if (trainer.Pieces.Count < options.VocabularySize)
        {
            throw new InvalidOptionException(
                "tokenizer.vocab_size",
                $"{options.VocabularySize} tokens were asked for, but the training text only gives {trainer.Pieces.Count}; "
                + "ask for fewer or train on more text");
        }

        return new CharacterTokenizer(trainer.Pieces, trainer.Merges, options.SpecialTokens);
    }

    /// <summary>The vocabulary size of a character tokenizer: special tokens, reserved characters and those of the text.</summary>
    /// <param name="options">Special tokens and reserved characters; the other options are not looked at.</param>
    /// <param name="text">The text.</param>
    public static int CharacterVocabularySize(TokenizerOptions options, TrainingText text) => BasePieces(options, text).Count;

    private static List<string> BasePieces(TokenizerOptions options, TrainingText text)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(text);
        var characters = new SortedSet<Rune>((options.Reserved ?? text.Reserved).EnumerateRunes());
        foreach (string line in text.Lines)
        {
            foreach (Rune rune in line.EnumerateRunes())
            {
                characters.Add(rune);
            }
        }

        IEnumerable<string> special = options.SpecialTokens ? SpecialTokens.All : [];
        return [.. special, .. characters.Select(rune => rune.ToString())];
    }
}
