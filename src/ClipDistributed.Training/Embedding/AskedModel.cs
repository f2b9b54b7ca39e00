using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Embedding;

/// <summary>A model of a run that people ask what fits together.</summary>
public sealed class AskedModel : IDisposable
{
    /// <summary>Prompts of a question: those of an ImageNet evaluation would take minutes.</summary>
    public const int MaxPrompts = 4096;

    private const int MaxAnswers = 20;

    private readonly RunDirectory run;
    private readonly RunPrompts prompts;
    private readonly ModelFolderConfig config;
    private readonly ClipTokenizer tokenizer;
    private readonly ClipModel model;

    private AskedModel(RunDirectory run, RunPrompts prompts, ModelFolderConfig config, ClipTokenizer tokenizer, ClipModel model)
    {
        (this.run, this.prompts) = (run, prompts);
        (this.config, this.tokenizer, this.model) = (config, tokenizer, model);
    }

    /// <exception cref="BadInputException">The folder holds no model that can be used, or the run no spec.</exception>
    public static AskedModel Open(AnswerRequest request, ModelFolderConfig config, ClipTokenizer tokenizer, Device device)
    {
        var run = new RunDirectory(request.RunDirectory);
        return new AskedModel(run, RunPrompts.Of(run), config, tokenizer, ModelFolder.Open(request.Model, device));
    }

    /// <returns>One of the image, or one of each caption; softmax(exp(logit_scale)·cosine) over all that is compared.</returns>
    /// <exception cref="BadInputException">The question cannot be answered.</exception>
    public IReadOnlyList<Ranking> Answer(QuestionRequest question)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        if (question.Image is { } file)
            return [RankTexts(file, question)];
        if (question.Captions.Count == 0)
            throw new BadInputException("image and captions are empty; give one of them.");
        var (names, classifier) = Texts(question);
        var (answers, images) = ImagesOfRun();
        return [.. Rank(classifier.t().matmul(images.t()), answers).Zip(names, (ranking, name) =>
        {
            ranking.Caption = name;
            return ranking;
        })];
    }

    public void Dispose() => model.Dispose();

    private Ranking RankTexts(byte[] file, QuestionRequest question)
    {
        var image = Embed([Decode(file)]); // [1, D]
        var (names, classifier) = Texts(question);
        return Rank(image.matmul(classifier), [.. names.Select(name => new RankedAnswer { Text = name })])[0];
    }

    /// <returns>What was asked, and the unit vectors of its prompts, [D, n].</returns>
    private (IReadOnlyList<string> Names, Tensor Classifier) Texts(QuestionRequest question)
    {
        var names = question.Captions.Count > 0 ? question.Captions : prompts.Classes();
        var templates = question.AreLabels || question.Captions.Count == 0 ? prompts.Templates() : [PromptTemplates.Place];
        if ((long)names.Count * templates.Count > MaxPrompts)
            throw new BadInputException(
                $"The run has {Counted.Plain(names.Count, "class", "classes")} in {Counted.Plain(templates.Count, "template")}, and at "
                    + $"most {MaxPrompts:N0} prompts are computed for a question; give captions.");
        var texts = ZeroshotClassifier.Prompts(names, templates);
        int context = config.ModelCfg.TextCfg.ContextLength;
        int[] ids = new int[texts.Count * context];
        for (int i = 0; i < texts.Count; i++)
            tokenizer.Encode(texts[i], ids.AsSpan(i * context, context));
        return (names, ZeroshotClassifier.Build(model, ids, context, names.Count));
    }

    /// <summary>Those that the run is evaluated with, as their small pictures have them.</summary>
    private (IReadOnlyList<RankedAnswer> Answers, Tensor Images) ImagesOfRun()
    {
        if (!File.Exists(run.ProbeSet))
            throw new BadInputException("The run has no images to compare captions with before its first evaluation; give an image.");
        var images = ProbeSet.Load(run.ProbeSet).Images.ToList();
        return (
            [.. images.Select((one, i) => new RankedAnswer { Text = one.Text, Image = i })],
            Embed([.. images.Select(one => Decode(one.Png))]));
    }

    /// <returns>Unit vectors, [n, D].</returns>
    private Tensor Embed(IReadOnlyList<byte[]> images) => cat(
    [
        .. images.Chunk(Features.ImagesAtOnce)
            .Select(piece => ClipModel.Normalize(Features.OfImages(model, piece, config.PreprocessCfg))),
    ]);

    private byte[] Decode(byte[] file)
    {
        try
        {
            var transform = EvaluationTransform.Of(config);
            byte[] planes = new byte[3 * transform.Size * transform.Size];
            transform.Apply(ImageDecoder.Decode(file, (long)SpecDefaults.MaxImagePixels), planes);
            return planes;
        }
        catch (DamagedImageException damaged)
        {
            throw new BadInputException($"image cannot be used: {damaged.Message}");
        }
    }

    /// <param name="cosines">[questions, answers].</param>
    private IReadOnlyList<Ranking> Rank(Tensor cosines, IReadOnlyList<RankedAnswer> answers)
    {
        double[] alike = Numbers(cosines), probable = Numbers((model.LogitScale.exp() * cosines).to(ScalarType.Float64).softmax(1));
        return [.. Enumerable.Range(0, alike.Length / answers.Count).Select(row =>
        {
            var ranking = new Ranking();
            int start = row * answers.Count;
            foreach (int at in Enumerable.Range(0, answers.Count).OrderByDescending(at => alike[start + at]).Take(MaxAnswers))
            {
                var answer = answers[at].Clone();
                (answer.Cosine, answer.Probability) = (alike[start + at], probable[start + at]);
                ranking.Answers.Add(answer);
            }
            return ranking;
        })];
    }

    private static double[] Numbers(Tensor values) => values.to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
}
