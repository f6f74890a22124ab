namespace Habla.Baselines;

/// <summary>All n-gram models that were fitted, and the best of them.</summary>
/// <param name="VocabularySize">V, of the tokenizer that the neural model uses too.</param>
/// <param name="TrainSequences">Sequences in train.</param>
/// <param name="TrainTokens">Tokens in train that were predicted when counting.</param>
/// <param name="ValTokens">Tokens scored in validation.</param>
/// <param name="Tuning">How the parameters were tuned, in a sentence.</param>
/// <param name="Rows">A row for each family and order.</param>
/// <param name="Best">The row with the lowest validation perplexity: chosen on validation, which favours the baseline.</param>
public sealed record BaselineResult(
    int VocabularySize,
    int TrainSequences,
    long TrainTokens,
    long ValTokens,
    string Tuning,
    IReadOnlyList<BaselineRow> Rows,
    BaselineRow Best);
