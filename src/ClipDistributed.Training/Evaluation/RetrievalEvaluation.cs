using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>Held-out loss and retrieval on the pairs of one source.</summary>
public sealed class RetrievalEvaluation
{
    private readonly CaptionedPairs pairs;
    private readonly ClipTokenizer tokenizer;
    private readonly PreprocessConfig preprocess;

    private RetrievalEvaluation(CaptionedPairs pairs, ClipTokenizer tokenizer, PreprocessConfig preprocess)
    {
        this.pairs = pairs;
        this.tokenizer = tokenizer;
        this.preprocess = preprocess;
    }

    /// <summary>Of images, between evaluations.</summary>
    internal long KeptBytes => pairs.KeptBytes;

    /// <summary>One for each source that has captions.</summary>
    /// <param name="max">Pairs of a source at most; 0: none are made.</param>
    /// <exception cref="BadInputException">A source cannot be used.</exception>
    public static IReadOnlyList<RetrievalEvaluation> Of(
        IReadOnlyList<SourceSpec> sources,
        int max,
        ModelFolderConfig config,
        ClipTokenizer tokenizer,
        long maxImagePixels
    )
    {
        if (max == 0)
            return [];
        var transform = EvaluationTransform.Of(config);
        return [.. sources.Select(source => CaptionedPairs.Open(source, max, transform, maxImagePixels)).OfType<CaptionedPairs>()
            .Select(pairs => new RetrievalEvaluation(pairs, tokenizer, config.PreprocessCfg))];
    }

    /// <summary>Of one source, which must have captions.</summary>
    /// <exception cref="BadInputException">The source cannot be used.</exception>
    public static RetrievalEvaluation Single(
        SourceSpec source,
        int max,
        ModelFolderConfig config,
        ClipTokenizer tokenizer,
        long maxImagePixels
    )
    {
        var manifest = ManifestBuilder.Build([source], "--data");
        return new RetrievalEvaluation(
            new CaptionedPairs(source, manifest, max, EvaluationTransform.Of(config), maxImagePixels), tokenizer, config.PreprocessCfg);
    }

    /// <param name="entering">Receives the number of each piece that enters the model.</param>
    /// <exception cref="BadInputException">Fewer than two pairs can be used.</exception>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public RetrievalMetrics Run(ClipModel model, long step, long samples, Action<int>? entering = null)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var images = new List<Tensor>();
        var texts = new List<Tensor>();
        var (captions, pictures) = (new Numbering(), new Numbering());
        long damaged = 0;
        foreach (var piece in pairs.Read())
        {
            entering?.Invoke(images.Count);
            damaged += piece.Damaged;
            if (piece.Images.Count == 0)
                continue;
            images.Add(ClipModel.Normalize(Features.OfImages(model, piece.Images, preprocess)));
            texts.Add(ClipModel.Normalize(Features.OfTexts(model, Encode(piece.Captions, model.Config.TextCfg.ContextLength))));
            captions.Add(piece.Captions);
            pictures.Add(piece.Digests);
        }
        if (captions.Numbers.Count < 2)
            throw new BadInputException(
                $"'{pairs.Name}' has {Counted.Plain(captions.Numbers.Count, "pair")} with a caption and an image that decodes; "
                    + "retrieval needs two or more."
            );
        var result = PairRetrieval.Run(
            cat(images),
            cat(texts),
            new PairLabels([.. pictures.Numbers], [.. captions.Numbers]),
            Math.Exp(model.LogitScale.ToDouble()),
            model.LogitBias?.ToDouble()
        );
        return new RetrievalMetrics
        {
            Step = step,
            Samples = samples,
            Source = pairs.Name,
            Loss = result.Loss,
            ImageToText = result.ImageToText,
            TextToImage = result.TextToImage,
            Count = captions.Numbers.Count,
            Damaged = damaged,
            Images = pictures.Different,
        };
    }

    /// <summary>Gives equal texts equal numbers.</summary>
    private sealed class Numbering
    {
        private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);

        public List<int> Numbers { get; } = [];

        public int Different => known.Count;

        public void Add(IEnumerable<string> texts)
        {
            foreach (string text in texts)
            {
                known.TryAdd(text, known.Count);
                Numbers.Add(known[text]);
            }
        }
    }

    private int[] Encode(IReadOnlyList<string> captions, int context)
    {
        int[] ids = new int[captions.Count * context];
        for (int i = 0; i < captions.Count; i++)
            tokenizer.Encode(captions[i], ids.AsSpan(i * context, context));
        return ids;
    }
}
