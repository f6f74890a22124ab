using Habla.Tokenization;

namespace Habla.Data;

/// <summary>Gathers what a tokenizer is trained on from files.</summary>
public static class TrainingTextFiles
{
    /// <summary>
    /// The sequence length that merges aim for when sentences are given: the main recipe's 32 inputs and last target, less three
    /// spare. Held-out verbs need the spare: they are not counted, and their forms come out up to two tokens longer.
    /// </summary>
    public const int SentenceFitTokens = 30;

    /// <summary>
    /// Reads texts (each line with its line end) and JSON Lines (each correct row as <see cref="SentenceFormat.Line"/>), told apart by the
    /// file name's end: .jsonl is JSON Lines.
    /// </summary>
    /// <param name="paths">The files, at least one; all of one sort.</param>
    /// <param name="contextSentences">Whether context sentences are learned from as well; otherwise only forms are. Default false.</param>
    /// <exception cref="InvalidInputException">
    /// A file is missing, empty or bad, the files are of both sorts, or none has a usable row.
    /// </exception>
    public static TrainingText Read(IEnumerable<string> paths, bool contextSentences = false)
    {
        string[] files = [.. paths];
        int sentenceFiles = files.Count(IsSentenceFile);
        if (sentenceFiles > 0 && sentenceFiles < files.Length)
        {
            throw new InvalidInputException(
                $"a tokenizer learns from texts or from JSON Lines, not both: {string.Join(", ", files)}; give files of one sort.");
        }

        if (sentenceFiles == 0)
        {
            return new TrainingText([.. files.SelectMany(path => TextFile.LinesOf(TextFile.Read(path)))]) { IsRunning = true };
        }

        string[] lines =
        [
            .. files.SelectMany(SentenceFile.Read)
                .Where(row => row.IsCorrect && (contextSentences || !row.IsContextSentence))
                .Select(row => row.Line),
        ];
        return lines.Length > 0
            ? new TrainingText(lines) { Reserved = ReservedAlphabet.Verbs, FitTokens = SentenceFitTokens }
            : throw new InvalidInputException(
                $"{string.Join(", ", files)}: no row to learn from; expected correct rows that are not context sentences (--include all "
                    + "takes those too).");
    }

    internal static bool IsSentenceFile(string path) => path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
}
