using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Preparation;

/// <summary>
/// Makes a run directory that holds all a replica needs: the full spec, the dataset manifest and the tokenizer. What is
/// wrong with spec or data is found here, before a tensor exists; only weights to start from are compared later.
/// </summary>
public static class RunPreparation
{
    /// <param name="given">The spec as the user wrote it.</param>
    /// <param name="resume">Goes on with the run that the directory holds; refused where it holds none that can go on.</param>
    /// <param name="say">Receives a line for each thing that takes a while.</param>
    /// <param name="manyReplicas">A coordinator may start several replicas; without one a spec that needs them is refused.</param>
    /// <param name="cacheFolder">Of a <see cref="ManifestCache"/>; null: the run directory's alone.</param>
    /// <param name="cancel">Gives up, and leaves nothing behind.</param>
    /// <exception cref="BadInputException">Spec, data or directory cannot be used.</exception>
    public static PreparedRun Prepare(
        TrainingSpec given, bool resume, Action<string> say, bool manyReplicas = false, string? cacheFolder = null,
        CancellationToken cancel = default)
    {
        var full = Full(given, resume);
        if (!resume)
            OutputPath.CheckRunDirectory(full.RunDirectory); // before data are looked at, which may take minutes
        var cache = new ManifestCache(cacheFolder, new RunDirectory(full.RunDirectory).ShardCache);
        var (spec, manifest, plan) = LookAt(full, resume, say, cache, cancel);
        if (spec.Replicas.Min > 1 && !manyReplicas)
            throw new BadInputException(
                $"replicas.min is {spec.Replicas.Min}; add --replicas {spec.Replicas.Min} to run that many on "
                    + "this machine, or submit the spec to a coordinator."
            );
        if (spec.Replicas.Min > spec.Batch.Global)
            throw new BadInputException(
                $"replicas.min is {spec.Replicas.Min}, more than batch.global {spec.Batch.Global}: each replica "
                    + "needs a row of the batch; lower it."
            );
        var directory = new RunDirectory(spec.RunDirectory);
        ExistingRun.CheckFree(directory);
        var made = PreparationUndo.Before(directory);
        using var taken = made.Take();
        using var undo = made.Begin();
        bool exists = ExistingRun.Find(directory, resume, spec.Checkpoint.Location, say) is not null;
        if (exists)
            manifest = ResumeCheck.Run(directory, spec, manifest);
        var model = exists ? null : ModelOf(spec);
        if (model is not null)
            // refused before anything starts
            MicroBatchSize.Resolve(model.ModelCfg, plan.GlobalBatch, spec.Batch.HasMicro ? (int)spec.Batch.Micro : null);

        if (!exists) // first: a preparation that is killed leaves files of a run, not of a user
            new RunInfo { Name = spec.Name, Id = Guid.NewGuid().ToString("N") }.Save(directory.Info);
        DurableFile.WriteAllText(directory.Spec, SpecWriter.Write(spec));
        manifest.Save(directory.Manifest);
        foreach (string notice in PlanNotices.Of(spec))
            say(notice);
        if (model is not null)
        {
            DurableFile.WriteAllText(directory.Model, model.ToJson() + "\n");
            MakeTokenizer(spec, model.ModelCfg.TextCfg, manifest, directory, say, cancel);
        }
        cancel.ThrowIfCancellationRequested();
        undo.Keep();
        cache.SaveTo(directory.ShardCache);
        return new PreparedRun(directory, spec, manifest, plan);
    }

    /// <summary>Looks at all that a spec names but its weights, and writes nothing.</summary>
    /// <param name="say">Receives a line for each file that contributes nothing, or less than it should.</param>
    /// <returns>The spec with all its values and absolute paths, its data, and its steps.</returns>
    /// <exception cref="BadInputException">Spec or data cannot be used.</exception>
    public static (TrainingSpec Spec, DatasetManifest Manifest, RunPlan Plan) Look(
        TrainingSpec given, bool resume = false, Action<string>? say = null, ManifestCache? cache = null) =>
        LookAt(Full(given, resume), resume, say, cache, CancellationToken.None);

    /// <summary>With all its values and absolute paths.</summary>
    private static TrainingSpec Full(TrainingSpec given, bool resume)
    {
        if (resume)
        {
            SpecValidator.Check(given); // of the model the run directory holds all that is needed
            ExistingRun.CheckExists(given);
        }
        else
        {
            SpecValidator.CheckWithModelConfig(given);
        }
        var spec = SpecDefaults.Fill(given, resume ? ExistingRun.StoredSpec(given) : null);
        SpecPaths.MakeAbsolute(spec);
        return spec;
    }

    private static (TrainingSpec Spec, DatasetManifest Manifest, RunPlan Plan) LookAt(
        TrainingSpec spec, bool resume, Action<string>? say, ManifestCache? cache, CancellationToken cancel)
    {
        var manifest = CheckFiles(spec, begins: !resume, say, cache, cancel);
        var plan = RunPlan.Resolve(spec, manifest);
        ReadMemory.Check(manifest, RunPlan.Order(spec, manifest), (long)spec.Limits.ReadAheadBytes);
        return (spec, manifest, plan);
    }

    /// <summary>All that is wrong with any of the files is reported together.</summary>
    /// <param name="begins">False: the weights that it began with are not needed any more.</param>
    /// <returns>The data to train on.</returns>
    private static DatasetManifest CheckFiles(
        TrainingSpec spec, bool begins, Action<string>? say, ManifestCache? cache, CancellationToken cancel)
    {
        var errors = new List<string>();
        DatasetManifest? manifest = null;
        Check(() => manifest = ManifestBuilder.Build([.. spec.Data.Train], notice: say, cache: cache, cancel: cancel));
        foreach (var source in spec.Data.Validation)
            Check(() => CheckValidation(spec, source, say, cache, cancel));
        if (begins && spec.Model.InitFrom != "" && !Path.Exists(spec.Model.InitFrom))
            errors.Add($"model.init_from: there is no folder or file of weights {spec.Model.InitFrom}.");
        if (spec.Evaluate.Zeroshot is { } zeroshot)
        {
            Check(() => PromptFile.Read(zeroshot.Classes, "evaluate.zeroshot.classes"));
            Check(() => PromptTemplates.Read(zeroshot.Templates, "evaluate.zeroshot.templates"));
        }
        return errors.Count == 0 ? manifest! : throw new BadInputException(errors);

        void Check(Action read)
        {
            try
            {
                read();
            }
            catch (BadInputException wrong)
            {
                errors.AddRange(wrong.Errors);
            }
        }
    }

    private static void CheckValidation(
        TrainingSpec spec, SourceSpec source, Action<string>? say, ManifestCache? cache, CancellationToken cancel)
    {
        // A column that no evaluation reads may be of any type.
        var needs = new ColumnNeeds(
            spec.Evaluate.Retrieval.Pairs > 0 ? ColumnNeed.Usable : ColumnNeed.Ignored,
            spec.Evaluate.Zeroshot is not null ? ColumnNeed.Required : ColumnNeed.Ignored);
        ManifestBuilder.Build([source], $"data.validation '{source.Name}'", needs, say, cache, cancel);
    }

    /// <summary>Weights to start from bring their architecture, else a config does, else the preset.</summary>
    private static ModelFolderConfig ModelOf(TrainingSpec spec)
    {
        var model = ArchitectureOf(spec);
        return spec.Loss == Loss.Sigmoid ? model with { ModelCfg = model.ModelCfg.ForSigmoid() } : model;
    }

    private static ModelFolderConfig ArchitectureOf(TrainingSpec spec)
    {
        if (spec.Model.InitFrom != "" && spec.Model.Config == "")
            return ModelSource.Find(spec.Model.InitFrom).ReadConfig();
        return spec.Model.Config != ""
            ? ModelFolderConfig.ReadFile(spec.Model.Config)
            : new ModelFolderConfig { ModelCfg = ModelPresets.Find(spec.Model.Preset)!.Model };
    }

    private static void MakeTokenizer(
        TrainingSpec spec, TextConfig text, DatasetManifest manifest, RunDirectory directory, Action<string> say, CancellationToken cancel)
    {
        ClipTokenizer tokenizer;
        // Token embeddings mean nothing without the vocabulary that they were trained with.
        if (spec.Model.Tokenizer != "" || spec.Model.InitFrom != "")
        {
            tokenizer = ModelTokenizer.Load(spec.Model.InitFrom, spec.Model.Tokenizer, "model.tokenizer", text);
        }
        else
        {
            say($"training a vocabulary of {text.VocabSize:N0} on the captions of {Counted.Of(manifest.Rows, "row")}");
            tokenizer = TokenizerTrainer.Train(CaptionReader.Read(manifest), text.VocabSize, ModelTokenizer.CleanOf(text), say, cancel);
            ModelTokenizer.Check(tokenizer, text);
        }
        tokenizer.Save(directory.Tokenizer);
    }
}
