using Habla.Configuration;
using Habla.Data;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Runs;

/// <summary>
/// What computes a recipe's run: threads, model, batches, loop and validation. A run and its verification are both made of this
/// one, so a replay does what the run did; it knows no folder and writes nothing.
/// </summary>
internal sealed class TrainingSetup : IDisposable
{
    private readonly ulong _seed;
    private readonly WorkerPool _pool;

    /// <summary>Puts it together; the weights are still to be initialized or loaded.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">Its data.</param>
    /// <param name="threads">Threads to compute on.</param>
    /// <param name="time">The clock that measures tokens per second.</param>
    public TrainingSetup(Recipe recipe, RunData data, int threads, TimeProvider time)
    {
        _seed = recipe.Training.Seed;
        _pool = new WorkerPool(threads);
        Model = new Gpt(recipe.Model);
        Batches = data.Batches();
        Trainer = new Trainer(Model, Batches, recipe.Training, recipe.Optimizer, recipe.Scheduler, _pool, time);
        Evaluator = new Evaluator(Model, _pool);
        if (data.ValidationWhileTraining is { } validation)
        {
            Trainer.Validate = () => Evaluator.Evaluate(validation.EvaluationBatches());
        }
    }

    /// <summary>The model being trained.</summary>
    public Gpt Model { get; }

    /// <summary>Where its batches come from.</summary>
    public IBatchSource Batches { get; }

    /// <summary>The loop.</summary>
    public Trainer Trainer { get; }

    /// <summary>Tells the loss on other data.</summary>
    public Evaluator Evaluator { get; }

    /// <summary>Gives the model the weights that a run of the recipe begins with.</summary>
    public void Initialize() => Initialization.Initialize(Model, _seed);

    public void Dispose()
    {
        Evaluator.Dispose();
        Trainer.Dispose();
        Model.Dispose();
        _pool.Dispose();
    }
}
