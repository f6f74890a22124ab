namespace Habla.Tensors;

/// <summary>Whether a tape records operations for a backward pass.</summary>
public enum TapeMode
{
    /// <summary>Operations are recorded; <see cref="Tape.Backward"/> may follow.</summary>
    Training,

    /// <summary>Only the forward pass is computed.</summary>
    Inference,
}
