namespace Habla.Tensors;

/// <summary>What random numbers are for. Each purpose has a stream of its own, so that drawing more for one never moves another.</summary>
public enum RandomPurpose
{
    /// <summary>First values of the weights.</summary>
    Initialization = 1,

    /// <summary>The order in which training data is seen.</summary>
    DataOrder = 2,

    /// <summary>Which activations dropout zeroes.</summary>
    Dropout = 3,

    /// <summary>Choosing the next token when generating.</summary>
    Sampling = 4,

    /// <summary>Building and splitting a corpus.</summary>
    Corpus = 5,
}
