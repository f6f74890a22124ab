using System.Text.Json;

namespace Habla.Tests.Golden;

/// <summary>What PyTorch computed in one precision from a golden file's weights and batch.</summary>
public sealed record GoldenRun
{
    /// <summary>[B, T, V].</summary>
    public required GoldenTensor Logits { get; init; }

    /// <summary>Mean cross-entropy over the targets that count, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>By parameter name, before clipping.</summary>
    public required IReadOnlyDictionary<string, GoldenTensor> Gradients { get; init; }

    /// <summary>The global norm of <see cref="Gradients"/>.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The loss at the start of each of ten AdamW steps on the same batch.</summary>
    public required double[] StepLosses { get; init; }

    /// <summary>The unclipped global gradient norm of each step.</summary>
    public required double[] StepGradientNorms { get; init; }

    /// <summary>The loss after the tenth update.</summary>
    public required double LossAfterSteps { get; init; }

    /// <summary>By parameter name, after the tenth update.</summary>
    public required IReadOnlyDictionary<string, GoldenTensor> FinalWeights { get; init; }

    internal static GoldenRun Read(JsonElement json) => new()
    {
        Logits = GoldenTensor.Read(json.GetProperty("logits")),
        Loss = json.GetProperty("loss").GetDouble(),
        Gradients = GoldenTensor.ReadAll(json.GetProperty("gradients")),
        GradientNorm = json.GetProperty("gradient_norm").GetDouble(),
        StepLosses = Numbers(json.GetProperty("step_losses")),
        StepGradientNorms = Numbers(json.GetProperty("step_gradient_norms")),
        LossAfterSteps = json.GetProperty("loss_after_steps").GetDouble(),
        FinalWeights = GoldenTensor.ReadAll(json.GetProperty("final_weights")),
    };

    private static double[] Numbers(JsonElement json) => [.. json.EnumerateArray().Select(number => number.GetDouble())];
}
