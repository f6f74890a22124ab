namespace Habla.Data.Shards;

/// <summary>Which part of which split shards are.</summary>
/// <param name="Id">What tells the split from others, <see cref="DocumentSplit.Id"/>.</param>
/// <param name="Side"><c>train</c> or <c>val</c>.</param>
public sealed record ShardSplit(string Id, string Side)
{
    /// <summary>Refuses validation on what is trained on.</summary>
    /// <param name="train">The shards to train on.</param>
    /// <param name="validation">The shards to validate on.</param>
    /// <exception cref="InvalidInputException">
    /// They are from different splits, or one is of a split and the other is not and has a document of it.
    /// </exception>
    public static void RefuseLeak(TokenShards train, TokenShards validation)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        (ShardSplit? first, ShardSplit? second) = (train.Index?.Split, validation.Index?.Split);
        if (first is not null && second is not null)
        {
            if (first.Id != second.Id)
            {
                throw new InvalidInputException(
                    $"{train.Path} and {validation.Path} are from different splits, so documents to validate on may be trained on; "
                    + "name train and val of one folder, or make both again with one habla tokenizer encode --val-fraction.");
            }

            return;
        }

        if ((first is not null || second is not null) && Common(train, validation) is { } document)
        {
            throw new InvalidInputException(
                $"{train.Path} to train on and {validation.Path} to validate on both hold {document}: "
                + "one is of a split and the other is not; name train and val of one folder.");
        }
    }

    private static string? Common(TokenShards train, TokenShards validation)
    {
        HashSet<string> validated = [.. validation.DocumentNames()];
        return train.DocumentNames().FirstOrDefault(validated.Contains);
    }
}
