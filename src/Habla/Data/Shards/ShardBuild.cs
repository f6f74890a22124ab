using System.Text;
using Habla.Tokenization;

namespace Habla.Data.Shards;

/// <summary>
/// From texts to folders of shards. Encoding is done by several threads; the order of the documents, and with it every byte, is that
/// of the input. Texts are read anew for each pass instead of being kept: once to split them, once for each folder that is written.
/// </summary>
public static class ShardBuild
{
    /// <summary>The folder of the shards to train on, within one that was split.</summary>
    public const string TrainFolder = "train";

    /// <summary>The folder of the shards to validate on, within one that was split.</summary>
    public const string ValidationFolder = "val";

    /// <summary>Makes shards: in the folder, or split by document in <c>train</c> and <c>val</c> within it.</summary>
    /// <param name="texts">The texts; enumerated once or, to split them, three times, with the same result each time.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="folder">The folder to write.</param>
    /// <param name="options">How.</param>
    /// <param name="split">Which texts are for validation, where that is known already; null (the default) to find out.</param>
    /// <exception cref="InvalidInputException">
    /// A text cannot be read or encoded, there is none for one of the sides, or the folder has shards already or cannot be written.
    /// </exception>
    public static ShardBuildResult Write(
        IEnumerable<SourceText> texts, Tokenizer tokenizer, string folder, ShardBuildOptions options, DocumentSplit? split = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        ShardBuildOptions.ValidationFractionRange.Check("--val-fraction", options.ValidationFraction);
        RefuseFinished(folder, options.Replace);
        var progress = new Progress(options);
        split = options.ValidationFraction == 0 ? null : split ?? Split(texts, options);
        foreach (string target in TargetsIn(folder))
        {
            // All three: what was written whole and is now split, or the other way, would leave shards that hold what the others hold.
            ShardFolderWriter.Clear(target);
        }

        return split is null
            ? new ShardBuildResult(WriteSide(folder, texts, null), null, null)
            : new ShardBuildResult(
                WriteSide(
                    Path.Combine(folder, TrainFolder), texts.Where((_, document) => !split.IsValidation(document)), TrainFolder),
                WriteSide(
                    Path.Combine(folder, ValidationFolder), texts.Where((_, document) => split.IsValidation(document)), ValidationFolder),
                split);

        ShardIndex WriteSide(string target, IEnumerable<SourceText> side, string? name) => ShardFolderWriter.Write(
            target, tokenizer, progress.Of(Encode(side, tokenizer, options.Threads)), options.ShardTokens, options.Replace,
            name is null ? null : new ShardSplit(split!.Id, name));
    }

    /// <summary>Says no when a folder, or a side of it, has finished shards.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    /// <param name="replace">Whether they may be replaced.</param>
    /// <exception cref="InvalidInputException">It has.</exception>
    public static void RefuseFinished(string folder, bool replace)
    {
        foreach (string target in TargetsIn(folder))
        {
            ShardFolderWriter.RefuseFinished(target, replace);
        }
    }

    /// <summary>Finds out which texts are for validation.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="options">The share of validation, the seed and the threads.</param>
    /// <exception cref="InvalidInputException">A text cannot be read, or there is none for one of the sides.</exception>
    public static DocumentSplit Split(IEnumerable<SourceText> texts, ShardBuildOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        DocumentSplit split = DocumentSplit.Of(texts, options.ValidationFraction, options.Seed, options.Threads);
        return split.ValidationCount > 0 && split.ValidationCount < split.Count ? split : throw new InvalidInputException(
            $"--val-fraction: of {split.Count} documents (pages of a file and near duplicates go together), "
            + "all went to one side and none to the other; give more documents, another fraction or another --seed.");
    }

    /// <summary>Encodes texts by several threads, in their order.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="threads">How many at once.</param>
    /// <returns>The documents, encoded as they are asked for.</returns>
    /// <exception cref="InvalidInputException">A text has a character that the tokenizer cannot write; its id is named.</exception>
    public static IEnumerable<TokenizedDocument> Encode(IEnumerable<SourceText> texts, Tokenizer tokenizer, int threads)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return TextWork.Select(texts, threads, text =>
        {
            int[] ids = tokenizer.Encode(text.Text, out int unknown);
            return new TokenizedDocument(text.Id, ids, Encoding.UTF8.GetByteCount(text.Text), unknown);
        });
    }

    private static string[] TargetsIn(string folder) =>
        [folder, Path.Combine(folder, TrainFolder), Path.Combine(folder, ValidationFolder)];

    private sealed class Progress(ShardBuildOptions options)
    {
        private long _documents, _bytes;

        public IEnumerable<TokenizedDocument> Of(IEnumerable<TokenizedDocument> documents) => documents.Select(document =>
        {
            _documents++;
            _bytes += document.TextBytes;
            options.Progress?.Invoke(_documents, _bytes);
            return document;
        });
    }
}
