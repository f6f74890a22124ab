using System.Text;
using Habla.BytePairs;
using Habla.Ingestion;

namespace Habla.Data;

/// <summary>
/// Gives a trainer over bytes the text of files, a piece at a time: what <c>habla ingest</c> wrote (its folder, or a
/// <c>.jsonl.gz</c>), JSON Lines of sentence pairs, or any other file of UTF-8. Counts what it gave.
/// </summary>
public sealed class TrainingBytes
{
    /// <summary>Texts given so far: documents, sentences or whole files.</summary>
    public long Documents { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Distinct words that the trainer found in them.</summary>
    public int DistinctWords { get; private set; }

    /// <summary>Lets a trainer count all text of some files.</summary>
    /// <param name="trainer">Counts words.</param>
    /// <param name="paths">Files, or folders that <c>habla ingest</c> wrote.</param>
    /// <param name="contextSentences">Whether context sentences of JSON Lines are learned from as well. Default false.</param>
    /// <exception cref="InvalidInputException">A file is missing, damaged, empty or not UTF-8.</exception>
    public void Count(ByteLevelTrainer trainer, IReadOnlyList<string> paths, bool contextSentences = false)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(paths);
        foreach (string path in paths.Select(DocumentFile.InFolder))
        {
            long before = trainer.Bytes;
            if (TrainingTextFiles.IsSentenceFile(path))
            {
                trainer.Count(Counted(TrainingTextFiles.Read([path], contextSentences).Lines));
            }
            else if (path.EndsWith(".jsonl.gz", StringComparison.OrdinalIgnoreCase))
            {
                trainer.Count(Counted(DocumentFile.Read(path).Select(document => document.Text)));
            }
            else
            {
                using Stream file = TextFile.OpenBytes(path);
                Documents++;
                trainer.Count(file);
            }

            if (trainer.Bytes == before)
            {
                throw new InvalidInputException($"{path}: there is no text in it; expected some to learn from.");
            }
        }

        (Bytes, DistinctWords) = (trainer.Bytes, trainer.DistinctWords);
    }

    /// <summary>Lets a trainer count texts, each of them a document.</summary>
    /// <param name="trainer">Counts words.</param>
    /// <param name="texts">The texts, read once.</param>
    public void Count(ByteLevelTrainer trainer, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        trainer.Count(Counted(texts));
        (Bytes, DistinctWords) = (trainer.Bytes, trainer.DistinctWords);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Counted(IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            Documents++;
            yield return Encoding.UTF8.GetBytes(text);
        }
    }
}
