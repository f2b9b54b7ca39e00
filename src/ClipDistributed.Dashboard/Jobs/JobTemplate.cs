using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Dashboard.Jobs;

/// <summary>A spec to begin with.</summary>
/// <param name="Key">In the page's address.</param>
internal sealed record JobTemplate(string Key, string Name, string Text)
{
    public static IReadOnlyList<JobTemplate> All { get; } =
    [
        new("own", "Own data", """
            # Only data.train and run_directory are required. Paths are absolute, as every host sees them.
            name: mine
            data:
              train:
                - path: /data/my/shards
            model: {preset: small}
            batch: {global: 1024}
            samples: 5000000
            checkpoint: {every_steps: 500}
            run_directory: /data/runs/mine

            """),
        new("demo", "Demo", """
            # A small CLIP learns coloured shapes. Change the paths to where `make demo` has rendered its data.
            name: demo
            seed: 1
            data:
              train:
                - path: /data/demo/train
              validation:
                - path: /data/demo/seen
                - path: /data/demo/unseen
            model: {preset: tiny}
            batch: {global: 256}
            optimizer: {lr: 0.002, weight_decay: 0.2, warmup_steps: 100}
            samples: 400000
            augment: {random_resized_crop: [0.9, 1.0]}
            checkpoint: {every_steps: 200, keep: 3}
            evaluate:
              every_steps: 200
              zeroshot: {classes: /data/demo/classes.txt, templates: /data/demo/templates.txt}
            run_directory: /data/runs/demo

            """),
    ];

    /// <summary>What another run was made of, without what the checkpoint brings and what belongs to that run alone.</summary>
    public static string OfFork(TrainingSpec spec, string runId)
    {
        var own = spec.Clone();
        if (own.Model is { } model)
            (model.InitFrom, model.Config, model.Tokenizer) = ("", "", "");
        if (own.Checkpoint is { } checkpoint)
            checkpoint.Location = "";
        own.RunDirectory = $"{own.RunDirectory.TrimEnd('/')}-fork";
        return $"# What is left out here stays as in {Telemetry.Printable.Line(runId)}.\n{SpecWriter.Write(own)}";
    }
}
