using Habla.Data;
using Habla.Modeling;
using Habla.Tokenization;
using Habla.Tracking;
using Habla.Training;
using static Habla.Configuration.OptionKind;

namespace Habla.Configuration;

/// <summary>
/// The table of every key that a recipe may have, in the order in which recipes are written. A key that is not here is an
/// error; a key that is here is read by something.
/// </summary>
public static class ConfigurationSchema
{
    /// <summary>All keys, section by section.</summary>
    public static IReadOnlyList<ConfigurationKey> Keys { get; } =
    [
        .. ModelKeys(), .. TokenizerKeys(), .. DataKeys(),
        .. OptimizerKeys(), .. SchedulerKeys(), .. TrainingKeys(), .. CheckpointKeys(),
        .. TrackingKeys(),
    ];

    /// <summary>The sections, in order.</summary>
    public static IReadOnlyList<string> Sections { get; } = [.. Keys.Select(key => key.Section).Distinct()];

    private static readonly Dictionary<string, ConfigurationKey> _byPath = Keys.ToDictionary(key => key.Path);

    /// <summary>The keys of a section, in order; none for a section that there is not.</summary>
    /// <param name="section">For example <c>model</c>.</param>
    public static IEnumerable<ConfigurationKey> KeysOf(string section) => Keys.Where(key => key.Section == section);

    /// <summary>A key, or null when there is no such key.</summary>
    /// <param name="path">The section and the name, for example <c>model.n_layer</c>.</param>
    public static ConfigurationKey? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>The keys of a group of keys; none for a group that there is not.</summary>
    /// <param name="section">For example <c>training</c>.</param>
    /// <param name="group">For example <c>early_stopping</c>.</param>
    internal static IEnumerable<ConfigurationKey> KeysOf(string section, string group) => KeysOf(section).Where(key => key.Group == group);

    private static ConfigurationKey[] ModelKeys()
    {
        var model = new ConfigurationSection<GptConfig>(
            "model", recipe => recipe.Model, (recipe, options) => recipe with { Model = options });
        return
        [
            model.Key("family", Choice<ModelFamily>(), options => options.Family, (_, value) => GptConfig.Of(value),
                "The family of models; it sets the defaults of the keys below that differ between families."),
            model.Key("n_layer", WholeNumber(GptConfig.LayerCountRange), options => options.LayerCount,
                (options, value) => options with { LayerCount = value },
                "Transformer blocks."),
            model.Key("n_head", WholeNumber(GptConfig.HeadCountRange), options => options.HeadCount,
                (options, value) => options with { HeadCount = value },
                "Attention heads; must divide d_model."),
            model.Key("n_kv_head", OptionalWholeNumber(GptConfig.HeadCountRange), options => options.KeyValueHeadCount,
                (options, value) => options with { KeyValueHeadCount = value },
                "Heads of keys and of values, each shared by n_head / n_kv_head heads of queries; must divide n_head. null is n_head."),
            model.Key("d_model", WholeNumber(GptConfig.WidthRange), options => options.Width,
                (options, value) => options with { Width = value },
                "Width of the residual stream: numbers per token between blocks. "
                + "With rotary positions d_model / n_head must be even."),
            model.Key("d_ff", WholeNumber(GptConfig.FeedForwardWidthRange), options => options.FeedForwardWidth,
                (options, value) => options with { FeedForwardWidth = value },
                "Width of the feed-forward block's hidden layer; usually 4 × d_model, with swiglu 8/3 × d_model."),
            model.Key("vocab_size", WholeNumber(GptConfig.VocabularySizeRange), options => options.VocabularySize,
                (options, value) => options with { VocabularySize = value },
                "Distinct tokens the model knows; the same as tokenizer.vocab_size."),
            model.Key("max_seq_len", WholeNumber(GptConfig.ContextLengthRange), options => options.ContextLength,
                (options, value) => options with { ContextLength = value },
                "Context: the most tokens the model sees at once, and the length of a training sequence."),
            model.Key("dropout", Number(GptConfig.DropoutRange), options => options.Dropout,
                (options, value) => options with { Dropout = value },
                "Probability with which training zeroes a number of the embeddings, attention weights and residual branches."),
            model.Key("tie_embeddings", Flag, options => options.TieEmbeddings,
                (options, value) => options with { TieEmbeddings = value },
                "Whether the output projection shares the token embedding's matrix."),
            model.Key("position", Choice<PositionKind>(), options => options.Position,
                (options, value) => options with { Position = value },
                "How positions enter: rotary turns queries and keys, learned adds a vector per position."),
            model.Key("rope_theta", Number(GptConfig.RotaryBaseRange), options => options.RotaryBase,
                (options, value) => options with { RotaryBase = value },
                "Base of rotary positions: pair i of a head of D numbers turns by rope_theta^(-2i/D) a position."),
            model.Key("rope_scaling.factor", Number(GptConfig.RotaryFactorRange),
                options => options.RotaryScaling.Factor,
                (options, value) => options with { RotaryScaling = options.RotaryScaling with { Factor = value } },
                "How much slower the slow pairs of rotary positions turn, as in Llama 3, for contexts longer than the first; 1 is off."),
            model.Key("rope_scaling.low_freq_factor", Number(GptConfig.RotaryTurnsRange),
                options => options.RotaryScaling.LowFrequencyFactor,
                (options, value) => options with { RotaryScaling = options.RotaryScaling with { LowFrequencyFactor = value } },
                "Pairs that turn fewer times than this in the first context are slow."),
            model.Key("rope_scaling.high_freq_factor", Number(GptConfig.RotaryTurnsRange),
                options => options.RotaryScaling.HighFrequencyFactor,
                (options, value) => options with { RotaryScaling = options.RotaryScaling with { HighFrequencyFactor = value } },
                "Pairs that turn more often than this stay as they are; those between are slowed down in part."),
            model.Key("rope_scaling.original_context", WholeNumber(GptConfig.ContextLengthRange),
                options => options.RotaryScaling.OriginalContext,
                (options, value) => options with { RotaryScaling = options.RotaryScaling with { OriginalContext = value } },
                "The first context, in tokens: that of the training before the context was made longer."),
            model.Key("norm", Choice<NormKind>(), options => options.Norm,
                (options, value) => options with { Norm = value },
                "How rows are normalized: layernorm to mean 0 and variance 1, with a bias; rmsnorm to mean square 1, without one."),
            model.Key("norm_eps", Number(GptConfig.NormEpsilonRange), options => options.NormEpsilon,
                (options, value) => options with { NormEpsilon = value },
                "Added to the variance or mean square of a row, so that a row of equal numbers does not divide by zero."),
            model.Key("activation", Choice<ActivationKind>(), options => options.Activation,
                (options, value) => options with { Activation = value },
                "Nonlinearity of the feed-forward block: gelu is exact (erf), gelu_tanh is GPT-2's approximation, "
                + "swiglu is Llama's, with a gate beside the layer up."),
            model.Key("attention_bias", Flag, options => options.AttentionBias,
                (options, value) => options with { AttentionBias = value },
                "Whether attention's four projections have biases."),
            model.Key("ffn_bias", Flag, options => options.FeedForwardBias,
                (options, value) => options with { FeedForwardBias = value },
                "Whether the feed-forward block's layers have biases."),
            model.Key("init_std", Number(GptConfig.InitializationStdRange), options => options.InitializationStd,
                (options, value) => options with { InitializationStd = value },
                "Standard deviation of the normal distribution that weights start from."),
        ];
    }

    private static ConfigurationKey[] TokenizerKeys()
    {
        var tokenizer = new ConfigurationSection<TokenizerOptions>(
            "tokenizer", recipe => recipe.Tokenizer, (recipe, options) => recipe with { Tokenizer = options });
        return
        [
            tokenizer.Key("kind", Choice(TokenizerOptions.Kinds), options => options.Kind,
                (options, value) => options with { Kind = value },
                "char makes each character a token; bpe joins neighbours that are often together."),
            tokenizer.Key("base", Choice(TokenizerOptions.Bases), options => options.Base,
                (options, value) => options with { Base = value },
                "What bpe starts from: the characters of the training text, or all 256 bytes, so that no text is unknown."),
            tokenizer.Key("pattern", Choice(TokenizerOptions.Patterns), options => options.Pattern,
                (options, value) => options with { Pattern = value },
                "How text is cut into words, within which bytes are joined."),
            tokenizer.Key("vocab_size", WholeNumber(TokenizerOptions.VocabularySizeRange), options => options.VocabularySize,
                (options, value) => options with { VocabularySize = value },
                "Tokens in all, special tokens included."),
            tokenizer.Key("special_tokens", Flag, options => options.SpecialTokens,
                (options, value) => options with { SpecialTokens = value },
                "Whether `<pad>`, `<bos>`, `<eos>` and `<unk>` are among the tokens; plain text in windows needs none."),
            tokenizer.Key("fit_tokens", OptionalWholeNumber(TokenizerOptions.FitTokensRange), options => options.FitTokens,
                (options, value) => options with { FitTokens = value },
                "While a training line is longer than this many tokens, bpe counts only such lines; "
                + "null is 30 for sentences and 0, which counts all, for plain text."),
            tokenizer.Key("reserved", OptionalText("characters"), options => options.Reserved,
                (options, value) => options with { Reserved = value },
                "Characters that are tokens even if the training text lacks them; "
                + "null is the letters and marks of verb sentences, or none for plain text."),
            tokenizer.Key("path", OptionalText("a tokenizer.json"), options => options.Path,
                (options, value) => options with { Path = value },
                "A tokenizer to use as it is; null trains one on the training data."),
        ];
    }

    private static ConfigurationKey[] DataKeys()
    {
        var data = new ConfigurationSection<DataOptions>(
            "data", recipe => recipe.Data, (recipe, options) => recipe with { Data = options });
        return
        [
            data.Key("kind", Choice(DataOptions.Kinds), options => options.Kind,
                (options, value) => options with { Kind = value },
                "sentences: a row of JSON Lines is a sequence; windows: sequences slide over a plain text; "
                    + "shards: they slide over token shards (habla tokenizer encode --out)."),
            data.Key("heldout_policy", Choice(DataOptions.HeldOutPolicies), options => options.HeldOutPolicy,
                (options, value) => options with { HeldOutPolicy = value },
                "What the split of the verb corpus holds out: four verbs, (verb, tense) pairs, or (verb, tense, person) cells."),
            data.Key("train_path", Text("a file"), options => options.TrainPath,
                (options, value) => options with { TrainPath = value },
                "The file (of shards: the folder or file) to learn from, relative to the current folder; "
                    + "{heldout_policy} in it stands for that key."),
            data.Key("val_path", OptionalText("a file"), options => options.ValidationPath,
                (options, value) => options with { ValidationPath = value },
                "The file (of shards: the folder or file) to validate on, relative to the current folder; "
                    + "{heldout_policy} in it stands for that key."),
            data.Key("val_fraction", Number(DataOptions.ValidationFractionRange), options => options.ValidationFraction,
                (options, value) => options with { ValidationFraction = value },
                "The share at the end of a plain text that is kept for validation; only with windows and without val_path."),
            data.Key("stride", WholeNumber(DataOptions.StrideRange), options => options.Stride,
                (options, value) => options with { Stride = value },
                "Tokens from the start of a window to the start of the next."),
            data.Key("documents", Choice(DataOptions.DocumentsChoices), options => options.Documents,
                (options, value) => options with { Documents = value },
                "Of shards: whether a window may look from one document into the one before it (ignore), or never does (separate)."),
            data.Key("shuffle", Flag, options => options.Shuffle,
                (options, value) => options with { Shuffle = value },
                "Whether each epoch has an order of its own, drawn by training.data_seed."),
            data.Key("drop_last", Flag, options => options.DropLast,
                (options, value) => options with { DropLast = value },
                "Whether sequences that do not fill an epoch's last batch are left out."),
            data.Key("long_sentences", Choice(DataOptions.LongSentencesChoices), options => options.LongSentences,
                (options, value) => options with { LongSentences = value },
                "Whether context sentences longer than model.max_seq_len are left out and counted, or an error; "
                    + "any other such row is an error."),
            data.Key("mis_conjugated", Flag, options => options.MisConjugated,
                (options, value) => options with { MisConjugated = value },
                "Whether mis-conjugated rows are learned from too; otherwise they are left out and counted."),
            data.Key("truncate", Flag, options => options.Truncate,
                (options, value) => options with { Truncate = value },
                "Whether a sentence longer than model.max_seq_len is cut instead of being an error."),
        ];
    }

    private static ConfigurationKey[] OptimizerKeys()
    {
        var optimizer = new ConfigurationSection<OptimizerOptions>(
            "optimizer", recipe => recipe.Optimizer, (recipe, options) => recipe with { Optimizer = options });
        return
        [
            optimizer.Key("type", Choice<OptimizerKind>(), options => options.Type,
                (options, value) => options with { Type = value },
                "The update rule: Adam with decoupled weight decay."),
            optimizer.Key("lr_max", Number(OptimizerOptions.MaximumLearningRateRange), options => options.MaximumLearningRate,
                (options, value) => options with { MaximumLearningRate = value },
                "The largest learning rate, reached at the end of the warm-up."),
            optimizer.Key("lr_min", Number(OptimizerOptions.LearningRateRange), options => options.MinimumLearningRate,
                (options, value) => options with { MinimumLearningRate = value },
                "Learning rate at the last step of a linear or cosine schedule; at most lr_max."),
            optimizer.Key("beta1", Number(OptimizerOptions.BetaRange), options => options.Beta1,
                (options, value) => options with { Beta1 = value },
                "Decay per step of the running mean of the gradients."),
            optimizer.Key("beta2", Number(OptimizerOptions.BetaRange), options => options.Beta2,
                (options, value) => options with { Beta2 = value },
                "Decay per step of the running mean of the squared gradients."),
            optimizer.Key("eps", Number(OptimizerOptions.EpsilonRange), options => options.Epsilon,
                (options, value) => options with { Epsilon = value },
                "Added to the root of the second moment before dividing by it."),
            optimizer.Key("weight_decay", Number(OptimizerOptions.WeightDecayRange), options => options.WeightDecay,
                (options, value) => options with { WeightDecay = value },
                "Share of a weight, times the learning rate, taken away per step; never from norms and biases."),
            optimizer.Key("clip", Number(OptimizerOptions.ClipRange), options => options.ClipNorm,
                (options, value) => options with { ClipNorm = value },
                "Gradients are scaled down to this global norm when theirs is larger; 0 never clips."),
            optimizer.Key("groups", ParameterGroupsOption.Kind, options => options.Groups,
                (options, value) => options with { Groups = value },
                "Parameters, by patterns of their names, whose learning rate is multiplied and whose weight decay replaced."),
        ];
    }

    private static ConfigurationKey[] SchedulerKeys()
    {
        var scheduler = new ConfigurationSection<SchedulerOptions>(
            "scheduler", recipe => recipe.Scheduler, (recipe, options) => recipe with { Scheduler = options });
        return
        [
            scheduler.Key("type", Choice<ScheduleKind>(), options => options.Type,
                (options, value) => options with { Type = value },
                "The learning rate after the warm-up: stays at lr_max, or falls to lr_min on a line or half a cosine, "
                + "or on half a cosine again and again (restarts)."),
            scheduler.Key("warmup_steps", WholeNumber(SchedulerOptions.WarmupRange), options => options.WarmupSteps,
                (options, value) => options with { WarmupSteps = value },
                "Steps in which the learning rate rises linearly to lr_max; at most the steps of the run."),
            scheduler.Key("total_steps", OptionalWholeNumber(SchedulerOptions.TotalStepsRange), options => options.TotalSteps,
                (options, value) => options with { TotalSteps = value },
                "Optimizer updates in the run; null when training.epochs gives its length. One of the two must be given."),
            scheduler.Key("restart_steps", OptionalWholeNumber(SchedulerOptions.RestartStepsRange), options => options.RestartSteps,
                (options, value) => options with { RestartSteps = value },
                "Steps of the first cycle after the warm-up, for restarts, which needs it."),
            scheduler.Key("restart_mult", WholeNumber(SchedulerOptions.RestartMultiplierRange), options => options.RestartMultiplier,
                (options, value) => options with { RestartMultiplier = value },
                "How many times as long as the one before each cycle of restarts is."),
        ];
    }

    private static ConfigurationKey[] TrainingKeys()
    {
        var training = new ConfigurationSection<TrainingOptions>(
            "training", recipe => recipe.Training, (recipe, options) => recipe with { Training = options });
        return
        [
            training.Key("batch_size", WholeNumber(TrainingOptions.BatchSizeRange), options => options.BatchSize,
                (options, value) => options with { BatchSize = value },
                "Sequences in a batch; a step reads training.accumulation batches."),
            training.Key("micro_batches", WholeNumber(TrainingOptions.MicroBatchesRange), options => options.MicroBatches,
                (options, value) => options with { MicroBatches = value },
                "Equal slices of a batch whose gradients are added in a fixed tree, so that threads do not change the bits; "
                + "0 takes the largest of 8, 4, 2, 1 that divides batch_size."),
            training.Key("accumulation", WholeNumber(TrainingOptions.AccumulationRange), options => options.Accumulation,
                (options, value) => options with { Accumulation = value },
                "Batches that a step reads before its one update: the same bits as a batch that much larger, in the memory of one."),
            training.Key("epochs", OptionalWholeNumber(TrainingOptions.EpochsRange), options => options.Epochs,
                (options, value) => options with { Epochs = value },
                "Passes over the training data; null when scheduler.total_steps gives the length of the run."),
            training.Key("val_every", WholeNumber(TrainingOptions.EveryRange), options => options.ValidateEvery,
                (options, value) => options with { ValidateEvery = value },
                "Steps between two evaluations on the validation data."),
            training.Key("log_every", WholeNumber(TrainingOptions.EveryRange), options => options.LogEvery,
                (options, value) => options with { LogEvery = value },
                "Steps between two lines on the console; train_log.jsonl gets every step."),
            training.Key("precision", Choice<Precision>(), options => options.Precision,
                (options, value) => options with { Precision = value },
                "Activations and what matrix products multiply, in float32 or 16 bits, fp16 with a scaled loss; weights and sums stay "
                + "float32."),
            training.Key("health_every", WholeNumber(TrainingOptions.HealthRange), options => options.HealthEvery,
                (options, value) => options with { HealthEvery = value },
                "Steps between two looks into the layers, written to health.jsonl; 0 never looks. Changes no bit of the run."),
            training.Key("loss_reduction", Choice<LossReduction>(), options => options.LossReduction,
                (options, value) => options with { LossReduction = value },
                "The step's loss: the mean over all unmasked target tokens of the batch."),
            training.Key("label_smoothing", Number(TrainingOptions.LabelSmoothingRange), options => options.LabelSmoothing,
                (options, value) => options with { LabelSmoothing = value },
                "Share of each target that is spread evenly over all tokens in the training loss; never in evaluations."),
            training.Key("rng_seed", Seed, options => options.Seed,
                (options, value) => options with { Seed = value },
                "Seed of the initial weights and of dropout."),
            training.Key("data_seed", Seed, options => options.DataSeed,
                (options, value) => options with { DataSeed = value },
                "Seed of the order of the data, apart from rng_seed."),
            training.Key("early_stopping.patience", WholeNumber(TrainingOptions.PatienceRange),
                options => options.EarlyStoppingPatience,
                (options, value) => options with { EarlyStoppingPatience = value },
                "Evaluations in a row without progress after which the run ends; its final weights are then its best. "
                + "0 never ends it early."),
            training.Key("early_stopping.min_delta", Number(TrainingOptions.MinimumDeltaRange),
                options => options.EarlyStoppingMinimumDelta,
                (options, value) => options with { EarlyStoppingMinimumDelta = value },
                "How much below the best a validation loss must be to count as progress, in nats."),
        ];
    }

    private static ConfigurationKey[] CheckpointKeys()
    {
        var checkpoint = new ConfigurationSection<CheckpointOptions>(
            "checkpoint", recipe => recipe.Checkpoint, (recipe, options) => recipe with { Checkpoint = options });
        return
        [
            checkpoint.Key("every", WholeNumber(CheckpointOptions.EveryRange), options => options.Every,
                (options, value) => options with { Every = value },
                "Steps between two saves of checkpoints/last; 0 saves only at the end, or when the run is interrupted."),
            checkpoint.Key("keep", WholeNumber(CheckpointOptions.KeepRange), options => options.Keep,
                (options, value) => options with { Keep = value },
                "How many of the newest saves also stay as checkpoints/step-N."),
            checkpoint.Key("best", Flag, options => options.Best,
                (options, value) => options with { Best = value },
                "Whether the weights with the least validation loss are kept as checkpoints/best."),
        ];
    }

    private static ConfigurationKey[] TrackingKeys()
    {
        var tracking = new ConfigurationSection<TrackingOptions>(
            "tracking", recipe => recipe.Tracking, (recipe, options) => recipe with { Tracking = options });
        return
        [
            tracking.Key("tensorboard", Flag, options => options.TensorBoard,
                (options, value) => options with { TensorBoard = value },
                "Whether the run also writes event files for TensorBoard, under tensorboard/ in its folder."),
            tracking.Key("mlflow.uri", OptionalText("a server's address or a folder"), options => options.MlflowUri,
                (options, value) => options with { MlflowUri = value },
                "The MLflow tracking server to tell of the run, such as `http://localhost:5000`, "
                + "or a folder to keep as MLflow's file store, such as mlruns."),
            tracking.Key("mlflow.experiment", Text("a name"), options => options.MlflowExperiment,
                (options, value) => options with { MlflowExperiment = value },
                "The experiment of MLflow that the run belongs to; it is made when there is none."),
        ];
    }
}
