using Habla.Tracking;

namespace Habla.Cli.Shell;

/// <summary>Tells what a run will take, and in the end how good that was.</summary>
internal static class PreflightNotes
{
    public static void Announce(PreflightEstimate estimate)
    {
        Terminal.Say($"preflight: a step takes {estimate.StepMilliseconds:0.##} ms, a validation {estimate.ValidationSeconds:0.###} s ",
            $"({estimate.Validations:N0} of them): about {Duration(estimate.TotalSeconds)} in all");
        Terminal.Say($"preflight: about {estimate.MemoryMb:N0} MB of memory: parameters {estimate.ParametersMb:0.#}, ",
            $"gradients {estimate.GradientsMb:0.#}, moments {estimate.MomentsMb:0.#}, activations {estimate.ActivationsMb:0.#}, ",
            $"a copy for checkpoints {estimate.CheckpointCopyMb:0.#}, .NET, program and data {estimate.OtherMb:0.#}");
        Terminal.Say($"preflight: at most {estimate.DiskMb:N1} MB of disk: {estimate.Checkpoints} checkpoints of ",
            $"{estimate.CheckpointMb:0.#} MB and logs{Free(estimate)}");
        foreach (string warning in estimate.Warnings)
        {
            Console.Error.WriteLine($"warning: {warning}");
        }
    }

    public static void Conclude(PreflightEstimate estimate)
    {
        if (estimate.TookSeconds is { } took && estimate.TookMemoryMb is { } memory && estimate.TimeErrorPercent is { } percent)
        {
            string how = $"{Math.Abs(percent):0} % {(percent < 0 ? "less" : "more")} than it took";
            Terminal.Say($"preflight said           {Duration(estimate.TotalSeconds)} ({how}: {Duration(took)}), ",
                $"{estimate.MemoryMb:N0} MB (it took {memory:N0})");
        }
    }

    /// <summary>A time as people say it: 0.8 s, 12 s, 3 min 20 s, 5 h 10 min.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 10 => FormattableString.Invariant($"{seconds:0.0} s"),
        < 60 => FormattableString.Invariant($"{seconds:0} s"),
        < 3600 => FormattableString.Invariant($"{(int)seconds / 60} min {(int)seconds % 60} s"),
        _ => FormattableString.Invariant($"{(int)(seconds / 3600)} h {(int)(seconds / 60) % 60} min"),
    };

    private static string Free(PreflightEstimate estimate) =>
        estimate.DiskFreeMb is { } free ? FormattableString.Invariant($"; {free:N0} MB are free") : "";
}
