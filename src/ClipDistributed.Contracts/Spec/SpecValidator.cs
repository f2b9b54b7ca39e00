using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Spec;

/// <summary>Checks what can be known from a spec alone, and its model config on request; data are looked at when a run is prepared.</summary>
public sealed partial class SpecValidator
{
    // Counts of samples become int, also where a few of them are added up.
    private const ulong MostInBatch = 1UL << 30;

    // Counts above this are not exact as double.
    private const ulong MostSamples = 1UL << 53;

    /// <summary>Retrieval compares every image with every text: the work grows with the square.</summary>
    public const int MostRetrievalPairs = 100_000;

    private readonly List<string> errors = [];

    /// <exception cref="BadInputException">Lists all that is wrong: path, value, what is allowed.</exception>
    public static void Check(TrainingSpec spec)
    {
        var validator = new SpecValidator();
        validator.CheckAll(spec);
        if (validator.errors.Count > 0)
            throw new BadInputException(validator.errors);
    }

    /// <summary>Opens <c>model.config</c> too, where one is named; a relative path starts at the current folder.</summary>
    /// <exception cref="BadInputException">Lists all that is wrong with the spec and then with the model config.</exception>
    public static void CheckWithModelConfig(TrainingSpec spec)
    {
        var validator = new SpecValidator();
        validator.CheckAll(spec);
        if (spec.Model is { Config: not "" } model)
        {
            try
            {
                ModelFolderConfig.ReadFile(model.Config);
            }
            catch (BadInputException wrong)
            {
                validator.errors.AddRange(wrong.Errors.Select(error => $"model.config: {error}"));
            }
        }
        if (validator.errors.Count > 0)
            throw new BadInputException(validator.errors);
    }

    private void CheckAll(TrainingSpec spec)
    {
        if (spec.Name != "" && !JobName().IsMatch(spec.Name))
            errors.Add($"name is '{spec.Name}'; use lower-case letters, digits and dashes, at most 63.");
        if (spec.Data is null || spec.Data.Train.Count == 0)
            errors.Add("data.train is empty; name at least one source, as in data: {train: [{path: shards}]}.");
        CheckSources(spec);
        if (spec.Model is { Preset: not "" } model && ModelPresets.Find(model.Preset) is null)
            errors.Add($"model.preset is '{model.Preset}'; known: {string.Join(", ", ModelPresets.All.Select(p => p.Name))}.");
        if (spec.HasSamples && spec.Samples == 0)
            errors.Add("samples is 0; say how many samples the run sees, 1 or more.");
        AtMost(MostSamples, "2^53", "samples", spec.Samples);
        CheckBatch(spec.Batch);
        CheckOptimizer(spec.Optimizer);
        CheckCrop(spec.Augment);
        if (spec.Checkpoint is { HasKeep: true, Keep: 0 })
            errors.Add("checkpoint.keep is 0; keep at least 1.");
        if (spec.Checkpoint is { HasEveryMinutes: true, EveryMinutes: < 0 })
            errors.Add($"checkpoint.every_minutes is {spec.Checkpoint.EveryMinutes}; use 0 (off) or more.");
        if (spec.Checkpoint is { Location: not "" } && S3Location.TryParse(spec.Checkpoint.Location) is null)
            errors.Add($"checkpoint.location is '{S3Location.Masked(spec.Checkpoint.Location)}'; use s3://bucket/prefix, or leave it out.");
        CheckEvaluate(spec);
        if (spec.Replicas is { HasWaitMinutes: true, WaitMinutes: not (>= 0 and <= 525_600) })
            errors.Add($"replicas.wait_minutes is {spec.Replicas.WaitMinutes}; use 0 (save and stop at once) to 525600 (a year).");
        if (spec.Replicas is { HasRebalanceAbove: true, RebalanceAbove: not (>= 0 and < 1) })
            errors.Add($"replicas.rebalance_above is {spec.Replicas.RebalanceAbove}; use a part of a step from 0 (shares stay even) to below 1.");
        if (spec.Replicas is { HasMin: true, Min: 0 } or { HasMax: true, Max: 0 })
            errors.Add("replicas.min and replicas.max are at least 1.");
        if (spec.Replicas is { HasMin: true, HasMax: true } replicas && replicas.Min > replicas.Max)
            errors.Add($"replicas.min is {replicas.Min}, above replicas.max {replicas.Max}.");
        if (spec.Limits is { HasMaxImagePixels: true, MaxImagePixels: 0 })
            errors.Add("limits.max_image_pixels is 0; every image would be refused.");
    }

    private void CheckSources(TrainingSpec spec)
    {
        if (spec.Data is null)
            return;
        foreach (var (list, field) in new[] { (spec.Data.Train, "train"), (spec.Data.Validation, "validation") })
        {
            for (int i = 0; i < list.Count; i++)
            {
                if (list[i].Path == "")
                    errors.Add($"data.{field}[{i}].path is empty; name a Parquet file or a folder of them.");
            }
        }
        if (spec.Data is { HasShuffleBlock: true, ShuffleBlock: 0 })
            errors.Add("data.shuffle_block is 0; use 1 (no shuffle inside a stream) or more.");
        AtMost(MostInBatch, "2^30", "data.shuffle_block", spec.Data.ShuffleBlock);
        foreach (var same in spec.Data.Validation.Where(source => source.Path != "").GroupBy(SpecDefaults.NameOf).Where(same => same.Count() > 1))
            errors.Add($"data.validation has {same.Count()} sources named '{same.Key}': {string.Join(", ", same.Select(source => source.Path))}; give each a `name` of its own, under which its figures are reported.");
    }

    private void CheckBatch(BatchSpec? batch)
    {
        if (batch is null)
            return;
        if (batch is { HasGlobal: true, Global: < 2 })
            errors.Add($"batch.global is {batch.Global}; a contrastive loss needs 2 or more.");
        AtMost(MostInBatch, "2^30", "batch.global", batch.Global);
        AtMost(MostInBatch, "2^30", "batch.streams", batch.Streams);
        AtMost(MostInBatch, "2^30", "batch.micro", batch.Micro);
        if (batch is { HasStreams: true, Streams: 0 })
            errors.Add("batch.streams is 0; use 1 or more.");
        else if (batch is { HasStreams: true, HasGlobal: true } && batch.Global % batch.Streams != 0)
            errors.Add($"batch.streams is {batch.Streams}, which does not divide batch.global {batch.Global}; choose a divisor or auto.");
        if (batch is { HasMicro: true, Micro: 0 })
            errors.Add("batch.micro is 0; use 1 or more.");
    }

    private void CheckOptimizer(OptimizerSpec? optimizer)
    {
        if (optimizer is null)
            return;
        Range(optimizer.HasLr, "optimizer.lr", optimizer.Lr, lr => lr > 0, "above 0");
        Range(optimizer.HasBeta1, "optimizer.beta1", optimizer.Beta1, beta => beta is >= 0 and < 1, "from 0 to below 1");
        Range(optimizer.HasBeta2, "optimizer.beta2", optimizer.Beta2, beta => beta is >= 0 and < 1, "from 0 to below 1");
        Range(optimizer.HasEps, "optimizer.eps", optimizer.Eps, eps => eps > 0, "above 0");
        Range(optimizer.HasWeightDecay, "optimizer.weight_decay", optimizer.WeightDecay, decay => decay >= 0, "0 or more");
        Range(optimizer.HasClipNorm, "optimizer.clip_norm", optimizer.ClipNorm, norm => norm >= 0, "0 (off) or more");
    }

    private void CheckCrop(AugmentSpec? augment)
    {
        if (augment is null || augment.RandomResizedCrop.Count == 0)
            return;
        var crop = augment.RandomResizedCrop;
        if (crop.Count != 2 || crop[0] <= 0 || crop[0] > crop[1] || crop[1] > 1)
            errors.Add($"augment.random_resized_crop is [{string.Join(", ", crop)}]; give the smallest and the largest part of the area, as in [0.9, 1.0].");
    }

    private void CheckEvaluate(TrainingSpec spec)
    {
        if (spec.Evaluate?.Retrieval is { Pairs: 1 or > MostRetrievalPairs } retrieval)
            errors.Add($"evaluate.retrieval.pairs is {retrieval.Pairs}; use 2 to {MostRetrievalPairs}, or 0 (off).");
        if (spec.Evaluate?.Zeroshot is not { } zeroshot)
            return;
        if (zeroshot.Classes == "")
            errors.Add("evaluate.zeroshot.classes is empty; name a text file with one class a line.");
        if (zeroshot.Templates == "")
            errors.Add("evaluate.zeroshot.templates is empty; name a text file with one template a line, {} for the class.");
        if (spec.Data is null || spec.Data.Validation.Count == 0)
            errors.Add("evaluate.zeroshot needs data.validation: name a source with a label column.");
    }

    private void AtMost(ulong most, string power, string path, ulong value)
    {
        if (value > most)
            errors.Add($"{path} is {value}; use at most {most} ({power}).");
    }

    private void Range(bool given, string path, double value, Func<double, bool> allowed, string range)
    {
        if (given && !allowed(value))
            errors.Add($"{path} is {value}; use a number {range}.");
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex JobName();
}
