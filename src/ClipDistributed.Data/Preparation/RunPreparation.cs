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
    private const string TokenizerKey = "model.tokenizer";

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
        var directory = new RunDirectory(full.RunDirectory);
        var cache = new ManifestCache(cacheFolder, directory.ShardCache);
        var (spec, manifest, plan) = Examine(full, resume, say, manyReplicas, cache, cancel);
        ExistingRun.CheckFree(directory);
        var made = PreparationUndo.Before(directory);
        using var taken = made.Take();
        using var undo = made.Begin();
        bool exists = ExistingRun.Find(directory, resume, spec.Checkpoint.Location, say) is not null;
        if (exists)
            manifest = ResumeCheck.Run(directory, spec, manifest);
        var model = exists ? null : ModelOf(spec, plan);
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

    /// <summary>
    /// Checks all that <see cref="Prepare"/> does for a coordinator and leaves nothing, so it does not see whether a process without a
    /// coordinator uses the directory.
    /// </summary>
    /// <param name="cacheFolder">Of a <see cref="ManifestCache"/>, which is only read.</param>
    /// <inheritdoc cref="Prepare"/>
    public static CheckedRun Validate(
        TrainingSpec given, bool resume, Action<string> say, string cacheFolder, CancellationToken cancel)
    {
        var full = Full(given, resume);
        var cache = new ManifestCache(folder: null, cacheFolder);
        var (spec, manifest, plan) = Examine(full, resume, say, manyReplicas: true, cache, cancel);
        var directory = new RunDirectory(spec.RunDirectory);
        if (ExistingRun.Find(directory, resume, spec.Checkpoint.Location, say) is not null)
        {
            manifest = ResumeCheck.Run(directory, spec, manifest);
        }
        else
        {
            var texts = ModelOf(spec, plan).ModelCfg.TextCfg;
            if (HasTokenizer(spec))
                ModelTokenizer.Load(spec.Model.InitFrom, spec.Model.Tokenizer, TokenizerKey, texts);
            else
                say($"a vocabulary of {texts.VocabSize:N0} will be trained on the captions of {Counted.Of(manifest.Rows, "row")}");
        }
        foreach (string notice in PlanNotices.Of(spec))
            say(notice);
        return new CheckedRun(spec, manifest, plan);
    }

    /// <summary>Looks at all that a spec names but its weights, and writes nothing.</summary>
    /// <param name="say">Receives a line for each file that contributes nothing, or less than it should.</param>
    /// <returns>The spec with all its values and absolute paths, its data, and its steps.</returns>
    /// <exception cref="BadInputException">Spec or data cannot be used.</exception>
    public static CheckedRun Look(
        TrainingSpec given, bool resume = false, Action<string>? say = null, ManifestCache? cache = null) =>
        LookAt(Full(given, resume), resume, say, cache, CancellationToken.None);

    /// <summary>Before anything is made.</summary>
    /// <param name="full">With all its values.</param>
    private static CheckedRun Examine(
        TrainingSpec full, bool resume, Action<string> say, bool manyReplicas, ManifestCache cache, CancellationToken cancel)
    {
        if (!resume) // before data are looked at, which may take minutes
        {
            RunDirectoryPlace.Check(full);
            OutputPath.CheckRunDirectory(full.RunDirectory);
        }
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
        return new CheckedRun(spec, manifest, plan);
    }

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

    private static CheckedRun LookAt(
        TrainingSpec spec, bool resume, Action<string>? say, ManifestCache? cache, CancellationToken cancel)
    {
        var manifest = CheckFiles(spec, begins: !resume, say, cache, cancel);
        var plan = RunPlan.Resolve(spec, manifest);
        ReadMemory.Check(manifest, RunPlan.Order(spec, manifest), (long)spec.Limits.ReadAheadBytes);
        return new CheckedRun(spec, manifest, plan);
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
    private static ModelFolderConfig ModelOf(TrainingSpec spec, RunPlan plan)
    {
        var model = ArchitectureOf(spec);
        if (spec.Loss == Loss.Sigmoid)
            model = model with { ModelCfg = model.ModelCfg.ForSigmoid() };
        // refused before anything starts
        MicroBatchSize.Resolve(model.ModelCfg, plan.GlobalBatch, spec.Batch.HasMicro ? (int)spec.Batch.Micro : null);
        return model;
    }

    private static ModelFolderConfig ArchitectureOf(TrainingSpec spec)
    {
        if (spec.Model.InitFrom != "" && spec.Model.Config == "")
            return ModelSource.Find(spec.Model.InitFrom).ReadConfig();
        return spec.Model.Config != ""
            ? ModelFolderConfig.ReadFile(spec.Model.Config)
            : new ModelFolderConfig { ModelCfg = ModelPresets.Find(spec.Model.Preset)!.Model };
    }

    /// <summary>Token embeddings mean nothing without the vocabulary that they were trained with.</summary>
    private static bool HasTokenizer(TrainingSpec spec) => spec.Model.Tokenizer != "" || spec.Model.InitFrom != "";

    private static void MakeTokenizer(
        TrainingSpec spec, TextConfig text, DatasetManifest manifest, RunDirectory directory, Action<string> say, CancellationToken cancel)
    {
        ClipTokenizer tokenizer;
        if (HasTokenizer(spec))
        {
            tokenizer = ModelTokenizer.Load(spec.Model.InitFrom, spec.Model.Tokenizer, TokenizerKey, text);
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
