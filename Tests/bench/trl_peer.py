"""TRL's SFTTrainer on prepared rows: python trl_peer.py FOLDER DTYPE. Leaves FOLDER/adapter and FOLDER/trl.json."""

import json
import sys
import time
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from torch.utils.data import SequentialSampler
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer


class InOrder(SFTTrainer):
    """Takes the rows as they come."""

    def _get_train_sampler(self, *_: object, **__: object) -> SequentialSampler:
        return SequentialSampler(self.train_dataset)


class FirstStep(TrainerCallback):
    """Notes when the first step is done."""

    ended: float | None = None

    def on_step_end(self, *_: object, **__: object) -> None:
        self.ended = self.ended or time.time()


def main(folder: Path, dtype: str) -> None:
    given = json.loads((folder / "rows.json").read_text())
    parameters = json.loads((folder / "job.json").read_text())["parameters"]
    settings = SFTConfig(
        output_dir=str(folder / "trl"),
        per_device_train_batch_size=parameters["train_batch_size"],
        num_train_epochs=1,
        learning_rate=parameters["learning_rate"],
        lr_scheduler_type="constant",
        weight_decay=0.0,
        max_grad_norm=1.0,
        seed=parameters["seed"],
        activation_checkpointing=False,
        bf16=False,
        use_cpu=True,
        dataloader_pin_memory=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
    )
    adapter = LoraConfig(
        r=parameters["lora_rank"],
        lora_alpha=parameters["lora_alpha"],
        lora_dropout=parameters["lora_dropout"],
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    first = FirstStep()
    trainer = InOrder(
        callbacks=[first],
        model=AutoModelForCausalLM.from_pretrained(given["base"], dtype=getattr(torch, dtype)),
        processing_class=AutoTokenizer.from_pretrained(given["base"]),
        args=settings,
        train_dataset=Dataset.from_list(given["rows"]),
        peft_config=adapter,
    )
    seconds = trainer.train().metrics["train_runtime"]
    trainer.save_model(str(folder / "adapter"))
    tokens = sum(len(row["input_ids"]) for row in given["rows"])
    (folder / "trl.json").write_text(json.dumps({"seconds": seconds, "tokens": tokens, "first": first.ended}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
