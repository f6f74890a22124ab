using Habla.Tensors;

namespace Habla.Generation;

/// <summary>
/// The tokens that may come next, each with a score: at first the whole vocabulary with the model's logits, then what the steps of a
/// sampling leave of it. They stand in the order of their ids until a step ranks them.
/// </summary>
/// <remarks>Its memory is used again for the next token. Nothing is sorted that is not asked for.</remarks>
public sealed class Candidates
{
    private readonly LikeliestFirst _ranking = new();
    private float[] _scores = [], _otherScores = [];
    private int[] _ids = [], _otherIds = [];
    private double[] _weights = [];
    private double _temperature = 1, _total;
    private bool _isWhole, _isRanked, _isWeighed;
    private int _rankedCount; // places that the ranking still knows

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>What the scores are divided by before they become probabilities. Default 1; above 0.</summary>
    public double Temperature
    {
        get => _temperature;
        set => (_temperature, _isWeighed) = (value, false);
    }

    /// <summary>The scores, a place each.</summary>
    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    /// <summary>The sum of <see cref="Weights"/>, at least 1.</summary>
    public double Total
    {
        get
        {
            Weigh();
            return _total;
        }
    }

    /// <summary>What the tokens' probabilities stand to each other as: 1 for the likeliest, e^((score − largest) / temperature).</summary>
    public ReadOnlySpan<double> Weights
    {
        get
        {
            Weigh();
            return _weights.AsSpan(0, Count);
        }
    }

    /// <summary>Starts anew with the whole vocabulary.</summary>
    /// <param name="logits">A number for each token, <c>[V]</c>.</param>
    public void Reset(ReadOnlySpan<float> logits)
    {
        if (_scores.Length < logits.Length)
        {
            (_scores, _otherScores) = (new float[logits.Length], new float[logits.Length]);
            (_ids, _otherIds, _weights) = (new int[logits.Length], new int[logits.Length], new double[logits.Length]);
        }

        logits.CopyTo(_scores);
        (Count, Temperature, _isWhole) = (logits.Length, 1, true);
        Forget();
    }

    /// <summary>The token at a place.</summary>
    /// <param name="place">From 0, below <see cref="Count"/>.</param>
    public int IdAt(int place) => _isWhole ? place : _ids[place];

    /// <summary>The place of a token; −1 when it is not among them.</summary>
    /// <param name="id">A token.</param>
    public int PlaceOf(int id) => !_isWhole ? _ids.AsSpan(0, Count).IndexOf(id) : id < Count ? id : -1;

    /// <summary>Gives a token another score, before any cut.</summary>
    /// <param name="place">From 0, below <see cref="Count"/>.</param>
    /// <param name="score">The score, rounded to a finite float32; −∞ alone rules the token out.</param>
    public void SetScore(int place, double score)
    {
        _scores[place] = (float)(double.IsNegativeInfinity(score) ? score : Math.Clamp(score, float.MinValue, float.MaxValue));
        Forget();
    }

    /// <summary>The places of the likeliest, from likely to unlikely; of equals the one with the lower id comes first.</summary>
    /// <param name="count">How many; at most <see cref="Count"/>.</param>
    public ReadOnlySpan<int> Rank(int count)
    {
        if (count > _rankedCount)
        {
            _ranking.Find(Scores, count, _isRanked);
            _rankedCount = count;
        }

        return _ranking.Places[..count];
    }

    /// <summary>Keeps the likeliest, ranked.</summary>
    /// <param name="count">How many; at least 1.</param>
    public void KeepLikeliest(int count)
    {
        count = Math.Min(count, Count);
        if (!_isRanked)
        {
            Take(Rank(count));
        }

        Count = count;
        Forget();
        _isRanked = true;
    }

    /// <summary>Keeps those whose weight is large enough, in the order in which they stand.</summary>
    /// <param name="least">From 0 to 1, so that the likeliest stays.</param>
    public void KeepWeights(double least)
    {
        ReadOnlySpan<double> weights = Weights;
        int kept = 0;
        for (int place = 0; place < weights.Length; place++)
        {
            if (weights[place] >= least)
            {
                (_ids[kept], _scores[kept]) = (IdAt(place), _scores[place]);
                kept++;
            }
        }

        (Count, _isWhole, _isWeighed, _rankedCount) = (kept, false, false, 0);
    }

    /// <summary>Keeps those at some places, in the order in which they stand.</summary>
    /// <param name="places">Rising places.</param>
    public void Keep(ReadOnlySpan<int> places)
    {
        Take(places);
        (Count, _isWeighed, _rankedCount) = (places.Length, false, 0);
    }

    /// <summary>Puts them back into the order of their ids.</summary>
    public void OrderById()
    {
        if (_isRanked)
        {
            Array.Sort(_ids, _scores, 0, Count);
            Forget();
        }
    }

    private void Forget() => (_isRanked, _isWeighed, _rankedCount) = (false, false, 0);

    private void Take(ReadOnlySpan<int> places)
    {
        for (int i = 0; i < places.Length; i++)
        {
            (_otherIds[i], _otherScores[i]) = (IdAt(places[i]), _scores[places[i]]);
        }

        (_ids, _otherIds, _scores, _otherScores) = (_otherIds, _ids, _otherScores, _scores);
        _isWhole = false;
    }

    private void Weigh()
    {
        if (!_isWeighed)
        {
            _total = LogitMath.Exponentials(Scores, LogitMath.Max(Scores), _temperature, _weights.AsSpan(0, Count));
            _isWeighed = true;
        }
    }
}
