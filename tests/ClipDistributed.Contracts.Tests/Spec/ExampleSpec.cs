namespace ClipDistributed.Contracts.Tests.Spec;

/// <summary>A spec that gives every field.</summary>
internal static class ExampleSpec
{
    public const string Text = """
        name: demo
        seed: 1
        data:
          train: [{path: data/demo/train, image_column: auto, caption_column: auto}]
          validation: [{path: data/demo/validation}]
          shuffle_block: auto
        model: {preset: tiny, init_from: "", tokenizer: ""}
        batch: {global: 512, streams: auto, micro: auto}
        loss: softmax
        optimizer: {name: adamw, lr: 1.0e-3, beta1: 0.9, beta2: 0.98, eps: 1.0e-6, weight_decay: 0.2, clip_norm: 1.0,
          warmup_steps: 100, schedule: cosine}
        samples: 200000
        precision: float32
        augment: {random_resized_crop: [0.9, 1.0], exif: ignore}
        checkpoint: {every_steps: 100, every_minutes: 30, keep: 3}
        evaluate: {every_steps: 100, zeroshot: {classes: data/demo/classes.txt, templates: data/demo/templates.txt}}
        replicas: {min: 1, max: 4}
        limits: {read_ahead_bytes: 2147483648, max_image_pixels: 100000000}
        run_directory: runs/demo
        """;
}
