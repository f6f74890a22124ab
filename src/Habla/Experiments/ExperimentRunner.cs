using System.Globalization;
using Habla.Runs;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Experiments;

/// <summary>
/// Makes an experiment's runs, several side by side. Each is an ordinary training run with a folder of its own, so what is finished
/// stays, what was interrupted goes on, and any of them can be verified or used by itself.
/// </summary>
/// <param name="plan">The runs.</param>
/// <param name="options">How to carry them out.</param>
/// <param name="say">Hears a line whenever something happened; never two at a time.</param>
/// <param name="time">The clock; null (the default) for the system's.</param>
public sealed class ExperimentRunner(ExperimentPlan plan, ExperimentRunOptions options, Action<string> say, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private int _next;

    /// <summary>Runs that go side by side.</summary>
    public int Parallel => Math.Clamp(
        options.Parallel ?? plan.File.Parallel ?? Math.Min(Threads, Environment.ProcessorCount), 1, Math.Max(1, plan.Runs.Count));

    /// <summary>Threads that each run computes on.</summary>
    public int ThreadsPerRun => Math.Max(1, Threads / Parallel);

    private int Threads => options.Threads ?? plan.File.Threads ?? Environment.ProcessorCount;

    /// <summary>Makes what is missing, or as much of it as there is time for.</summary>
    /// <param name="stop">Asks the runs to finish their steps, save and end.</param>
    /// <returns>A line for each run, in the plan's order.</returns>
    /// <exception cref="InvalidInputException">A folder holds a run of another recipe or other data; nothing was changed.</exception>
    public IReadOnlyList<ExperimentRow> Execute(CancellationToken stop = default)
    {
        RunFolder.RefuseUnwritable(plan.Folder, Path.GetFullPath(plan.Folder)); // once, and not by each run as its failure
        if (!options.Force)
        {
            RefuseOthers();
        }

        var messages = new string?[plan.Runs.Count];
        _next = -1;
        Thread[] workers = [.. Enumerable.Range(0, Parallel).Select(_ => new Thread(() => Work(messages, stop)) { IsBackground = true })];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        return [.. plan.Runs.Select((run, index) => ExperimentRow.Of(run, messages[index]))];
    }

    private void Work(string?[] messages, CancellationToken stop)
    {
        while (Interlocked.Increment(ref _next) is var index && index < plan.Runs.Count && !stop.IsCancellationRequested)
        {
            PlannedRun run = plan.Runs[index];
            try
            {
                Make(run, stop);
            }
            catch (TrainingDivergedException error)
            {
                messages[index] = error.Message;
            }
            catch (Exception error) when (error is InvalidInputException or IOException or UnauthorizedAccessException
                or OutOfMemoryException)
            {
                messages[index] = error.Message; // one run's trouble is not that of the others
            }

            if (messages[index] is { } message)
            {
                Say($"{run.Name}: failed: {message}");
            }
        }
    }

    private void Make(PlannedRun run, CancellationToken stop)
    {
        bool isOther = PlannedRunFolder.DifferencesTo(run).Count > 0;
        ExperimentRunState state = PlannedRunFolder.StateOf(run);
        if (!isOther && (state == ExperimentRunState.Finished || (state == ExperimentRunState.Failed && !options.Retry)))
        {
            Say(state == ExperimentRunState.Finished
                ? $"{run.Name}: finished before, kept"
                : $"{run.Name}: failed before; --retry makes it again");
            return;
        }

        PlannedRunFolder.ClearUnbegun(run);
        ExistingRun entry = isOther ? ExistingRun.Replace : PlannedRunFolder.Entry(run);
        using TrainingRun training = TrainingRun.Prepare(
            run.Recipe,
            new TrainingRunOptions
            {
                Folder = run.Folder, Existing = entry, Threads = ThreadsPerRun, WithBaseline = false, WithPreflight = false,
                CommandLine = options.CommandLine,
            },
            _time);
        string begins = entry == ExistingRun.Resume ? "goes on" : "begins";
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Name}: {begins} after step {training.Trainer.StepsDone} of {training.Trainer.TotalSteps}"));
        training.Listeners.Add(new Progress(run.Name, training.Trainer.TotalSteps, Say));
        TrainingOutcome outcome = training.Execute(stop);
        string ended = outcome.Finished ? "finished" : "interrupted";
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Name}: {ended} after {outcome.Results.Steps} steps, train perplexity "
                + $"{PerplexityText.Of(outcome.Results.TrainPerplexity)}"));
    }

    private void RefuseOthers()
    {
        foreach (PlannedRun run in plan.Runs)
        {
            if (PlannedRunFolder.DifferencesTo(run) is [_, ..] differences)
            {
                throw new InvalidInputException(
                    $"{run.Folder} holds a run of another recipe: {string.Join("; ", differences)}. "
                    + "Choose another folder, or replace such runs with --force.");
            }
        }
    }

    private void Say(string line)
    {
        lock (_lock)
        {
            say(line);
        }
    }

    /// <summary>Tells every tenth part of a run, and its warnings.</summary>
    private sealed class Progress(string name, int totalSteps, Action<string> say) : ITrainingListener
    {
        private readonly int _every = Math.Max(1, totalSteps / 10);

        public void OnStep(StepCompleted step)
        {
            if (step.Step % _every == 0 && step.Step < totalSteps)
            {
                string validation = step.ValidationLoss is { } loss ? FormattableString.Invariant($", validation {loss:F4}") : "";
                say(string.Create(
                    CultureInfo.InvariantCulture, $"{name}: step {step.Step} of {totalSteps}, loss {step.Loss:F4}{validation}"));
            }
        }

        public void OnWarning(string warning) => say($"{name}: warning: {warning}");
    }
}
