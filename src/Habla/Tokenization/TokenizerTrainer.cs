using System.Text;
using Habla.BytePairs;

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
        return options.Base == "bytes" ? OverBytes(options, trainer => Count(trainer, text)) : OverCharacters(options, text);
    }

    /// <summary>Trains a tokenizer over bytes of exactly the vocabulary size asked for.</summary>
    /// <param name="options">Size, split pattern and special tokens; <see cref="TokenizerOptions.Base"/> is bytes.</param>
    /// <param name="count">Gives the trainer its text, as much of it at a time as is convenient.</param>
    /// <param name="progress">Is told how far it is; null (the default) tells nobody.</param>
    /// <exception cref="InvalidInputException">An option is impossible, or the text cannot give so many tokens.</exception>
    public static ByteLevelTokenizer OverBytes(
        TokenizerOptions options, Action<ByteLevelTrainer> count, Action<ByteLevelProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(count);
        options.Validate();
        IReadOnlyList<string> special = options.SpecialTokens ? SpecialTokens.OverBytes : [];
        SplitPattern pattern = SplitPattern.Named(options.Pattern)!;
        var trainer = new ByteLevelTrainer(
            new ByteLevelTrainerOptions { VocabularySize = options.VocabularySize, Pattern = pattern, SpecialTokens = special }, progress);
        count(trainer);
        return new ByteLevelTokenizer(trainer.Train(), pattern, [.. special.Select((name, id) => new AddedToken(id, name))]);
    }

    /// <summary>The vocabulary size of a character tokenizer: special tokens, reserved characters and those of the text.</summary>
    /// <param name="options">Special tokens and reserved characters; the other options are not looked at.</param>
    /// <param name="text">The text.</param>
    public static int CharacterVocabularySize(TokenizerOptions options, TrainingText text) => BasePieces(options, text).Count;

    private static CharacterTokenizer OverCharacters(TokenizerOptions options, TrainingText text)
    {
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

    private static void Count(ByteLevelTrainer trainer, TrainingText text)
    {
        string[] documents = text.IsRunning ? [string.Concat(text.Lines)] : [.. text.Lines];
        trainer.Count(documents.Select(document => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(document)));
    }

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
