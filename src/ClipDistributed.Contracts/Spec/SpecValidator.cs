using System.Collections;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>
/// Checks what can be known from a spec alone, and its model config on request; data are looked at when a run is prepared.
/// </summary>
public sealed partial class SpecValidator
{
    /// <summary>Retrieval compares every image with every text: the work grows with the square.</summary>
    public const int MaxRetrievalPairs = 100_000;

    private readonly List<SpecError> errors = [];

    private SpecValidator()
    {
    }

    /// <exception cref="BadInputException">Lists all that is wrong: path, value, what is allowed.</exception>
    public static void Check(TrainingSpec spec) => Throw(Find(spec, withModelConfig: false));

    /// <summary>Opens <c>model.config</c> too, where one is named; a relative path starts at the current folder.</summary>
    /// <exception cref="BadInputException">Lists all that is wrong with the spec and then with the model config.</exception>
    public static void CheckWithModelConfig(TrainingSpec spec) => Throw(Find(spec, withModelConfig: true));

    internal static IReadOnlyList<SpecError> Find(TrainingSpec spec, bool withModelConfig)
    {
        var validator = new SpecValidator();
        validator.CheckValues(spec, "");
        validator.CheckAll(spec);
        if (withModelConfig && spec.Model is { Config: not "" } model && !validator.errors.Any(error => error.Path == "model.config"))
            validator.CheckModelConfig(model.Config);
        return validator.errors;
    }

    private static void Throw(IReadOnlyList<SpecError> errors)
    {
        if (errors.Count > 0)
            throw new BadInputException([.. errors.Select(error => error.Found)]);
    }

    /// <summary>
    /// Every value by itself: numbers in their range, names that are known, text without control characters. A spec may come as a message,
    /// which no reader has seen.
    /// </summary>
    private void CheckValues(IMessage message, string path)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object value = field.Accessor.GetValue(message);
            string at = $"{path}{field.Name}";
            if (field.IsRepeated)
            {
                for (int i = 0; i < ((IList)value).Count; i++)
                    CheckValue(field, ((IList)value)[i]!, $"{at}[{i}]");
            }
            else if (value is not null && (!field.HasPresence || field.Accessor.HasValue(message)))
            {
                CheckValue(field, value, at);
            }
        }
    }

    private void CheckValue(FieldDescriptor field, object value, string path)
    {
        switch (value)
        {
            case IMessage child:
                CheckValues(child, $"{path}.");
                break;
            case string text when ControlText.Find(text) is { } found:
                Add(path, $"{path} has the control or formatting character {found}; delete it.");
                break;
            case Enum when field.EnumType.FindValueByNumber((int)value) is null:
                Add(path, $"{path} is {(int)value}; use {SpecValues.Expected(field)}.");
                break;
            case uint or ulong or double when !SpecRange.Of(field).Allows(value):
                Add(path, FormattableString.Invariant($"{path} is {value}; use {SpecRange.Of(field).Text}."));
                break;
        }
    }

    private void CheckAll(TrainingSpec spec)
    {
        if (spec.Name != "" && !JobName().IsMatch(spec.Name))
            Add("name", $"name is '{spec.Name}'; use lower-case letters, digits and dashes, at most 63.");
        CheckSources(spec);
        foreach (var (key, path) in SpecPaths.Of(spec))
            CheckPath(key, path);
        if (spec.Model is { Preset: not "" } model && ModelPresets.Find(model.Preset) is null)
        {
            string? near = Suggestion.Nearest(model.Preset, ModelPresets.All.Select(preset => preset.Name));
            Add(
                "model.preset",
                $"model.preset is '{model.Preset}'; {(near is null ? "known" : $"did you mean {near}? Known")}: "
                    + $"{string.Join(", ", ModelPresets.All.Select(p => p.Name))}."
            );
        }
        if (spec.Batch is { HasStreams: true, HasGlobal: true, Streams: > 0, Global: > 1 } batch && batch.Global % batch.Streams != 0)
            Add(
                "batch.streams",
                $"batch.streams is {batch.Streams}, which does not divide batch.global {batch.Global}; choose a " + "divisor or auto.",
                "batch.global"
            );
        CheckCrop(spec.Augment);
        if (spec.Checkpoint is { Location: not "" } && S3Location.TryParse(spec.Checkpoint.Location) is null)
            Add(
                "checkpoint.location",
                $"checkpoint.location is '{S3Location.Masked(spec.Checkpoint.Location)}'; use " + "s3://bucket/prefix, or leave it out."
            );
        CheckEvaluate(spec);
        if (spec.Replicas is { HasMin: true, HasMax: true, Max: > 0 } replicas && replicas.Min > replicas.Max)
            Add("replicas.min", $"replicas.min is {replicas.Min}, above replicas.max {replicas.Max}.", "replicas.max");
    }

    private void CheckSources(TrainingSpec spec)
    {
        if (spec.Data is null || spec.Data.Train.Count == 0)
            Add("data.train", "data.train is empty; name at least one source, as in data: {train: [{path: shards}]}.");
        if (spec.Data is null)
            return;
        foreach (var (list, field) in new[] { (spec.Data.Train, "train"), (spec.Data.Validation, "validation") })
        {
            for (int i = 0; i < list.Count; i++)
            {
                if (list[i].Path == "")
                    Add($"data.{field}[{i}].path", $"data.{field}[{i}].path is empty; name a shard, a folder of them, or a pattern.");
            }
        }
        foreach (
            var same in spec.Data.Validation.Where(source => source.Path != "").GroupBy(SpecDefaults.NameOf).Where(same => same.Count() > 1)
        )
            Add(
                "data.validation",
                $"data.validation has {Counted.Plain(same.Count(), "source")} named '{same.Key}': "
                    + $"{string.Join(", ", same.Select(source => source.Path))}; give each a `name` of its own, under which its figures "
                    + "are reported."
            );
    }

    private void CheckCrop(AugmentSpec? augment)
    {
        if (augment is null || augment.RandomResizedCrop.Count == 0)
            return;
        var crop = augment.RandomResizedCrop;
        if (crop.Count != 2 || crop[0] > crop[1])
        {
            string parts = string.Join(", ", crop.Select(part => FormattableString.Invariant($"{part}")));
            Add("augment.random_resized_crop",
                $"augment.random_resized_crop is [{parts}]; give the smallest and the largest part of the area, as in [0.9, 1.0].");
        }
    }

    private void CheckEvaluate(TrainingSpec spec)
    {
        if (spec.Evaluate?.Zeroshot is not { } zeroshot)
            return;
        if (zeroshot.Classes == "")
            Add("evaluate.zeroshot.classes", "evaluate.zeroshot.classes is empty; name a text file with one class a line.");
        if (zeroshot.Templates == "")
            Add(
                "evaluate.zeroshot.templates",
                "evaluate.zeroshot.templates is empty; name a text file with one template a line, {} " + "for the class."
            );
        if (spec.Data is null || spec.Data.Validation.Count == 0)
            Add("evaluate.zeroshot", "evaluate.zeroshot needs data.validation: name a source with a label column.", "data.validation");
    }

    private void CheckPath(string key, string path)
    {
        try
        {
            UserPath.Expand(path, key);
        }
        catch (BadInputException wrong) when (!errors.Any(error => error.Path == key))
        {
            Add(key, wrong.Message);
        }
        catch (BadInputException)
        {
            // Its value was found wrong before.
        }
    }

    private void CheckModelConfig(string path)
    {
        try
        {
            ModelFolderConfig.ReadFile(UserPath.Absolute(path, "model.config"));
        }
        catch (BadInputException wrong)
        {
            errors.AddRange(wrong.Errors.Select(error => new SpecError("model.config", $"model.config: {error}")));
        }
    }

    private void Add(string path, string text, params string[] others) => errors.Add(new SpecError(path, text, others));

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex JobName();
}
