using Habla.Runs.Verification;

namespace Habla.Cli.Shell;

/// <summary>The verdict on a run that is reproduced, though files of its checkpoints were damaged after they were saved.</summary>
internal static class VerifyDamage
{
    public static string Verdict(VerificationReport report)
    {
        CheckpointVerification[] damaged = [.. report.Checkpoints.Where(one => !one.Reproduced)];
        string them = string.Join(", ", damaged.Select(one => one.Name));
        string what = damaged.Length == 1 ? $"checkpoint {them} is damaged" : $"checkpoints {them} are damaged";
        return $"the training is reproduced, but {what}: {string.Join("; ", damaged.Select(one => Advice(one, report)))}";
    }

    private static string Advice(CheckpointVerification damaged, VerificationReport report)
    {
        CheckpointVerification[] intact = [.. report.Checkpoints.Where(one => one.Reproduced).OrderByDescending(one => one.Step)];
        return intact switch
        {
            [] => "no other is intact; train again for one",
            [{ } newest, ..] => newest.Step == damaged.Step
                ? $"restore {damaged.Name} from {newest.Name}, which is of the same step"
                : FormattableString.Invariant($"use {newest.Name} of step {newest.Step} in place of {damaged.Name}"),
        };
    }
}
