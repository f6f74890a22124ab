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
    /// <exception cref="InvalidInputException">
    /// A text cannot be read or encoded, there is none for one of the sides, or the folder has shards already or cannot be written.
    /// </exception>
    public static ShardBuildResult Write(IEnumerable<SourceText> texts, Tokenizer tokenizer, string folder, ShardBuildOptions options)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        ShardBuildOptions.ValidationFractionRange.Check("--val-fraction", options.ValidationFraction);
        (string train, string validation) = (Path.Combine(folder, TrainFolder), Path.Combine(folder, ValidationFolder));
        foreach (string target in (string[])[folder, train, validation])
        {
            ShardFolderWriter.RefuseFinished(target, options.Replace);
        }

        var progress = new Progress(options);
        if (options.ValidationFraction == 0)
        {
            return new ShardBuildResult(WriteSide(folder, texts), null, null);
        }

        DocumentSplit split = DocumentSplit.Of(texts, options.ValidationFraction, options.Seed, options.Threads);
        if (split.ValidationCount == 0 || split.ValidationCount == split.Count)
        {
            throw new InvalidInputException(
                $"--val-fraction: of {split.Count} documents (near duplicates go together), all went to one side and none to the other; "
                + "give more documents, another fraction or another --seed.");
        }

        return new ShardBuildResult(
            WriteSide(train, texts.Where((_, document) => !split.IsValidation(document))),
            WriteSide(validation, texts.Where((_, document) => split.IsValidation(document))), split);

        ShardIndex WriteSide(string target, IEnumerable<SourceText> side) => ShardFolderWriter.Write(
            target, tokenizer, progress.Of(Encode(side, tokenizer, options.Threads)), options.ShardTokens, options.Replace);
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
