using System.Text.Json;

namespace Habla.Tests.Golden;

/// <summary>AdamW's settings in a golden file; decay acts on tensors of two or more dimensions only.</summary>
public sealed record GoldenOptimizer(
    double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, double Clip)
{
    internal static GoldenOptimizer Read(JsonElement json) => new(
        json.GetProperty("lr").GetDouble(),
        json.GetProperty("beta1").GetDouble(),
        json.GetProperty("beta2").GetDouble(),
        json.GetProperty("eps").GetDouble(),
        json.GetProperty("weight_decay").GetDouble(),
        json.GetProperty("clip").GetDouble());
}
